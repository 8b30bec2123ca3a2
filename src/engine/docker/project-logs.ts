import type Dockerode from 'dockerode';
import type { Instance } from '../../plan/observed.ts';
import type { LogLine, LogRequest } from '../engine.ts';
import { readContainerLogs } from './container-logs.ts';
import { observeDocker } from './observe.ts';
import { watchDocker } from './watch.ts';

/**
 * The logs of a project's containers. With `follow` it also takes up containers that start later, so that a restarted
 * or recreated service goes on where it was.
 */
export async function readProjectLogs(
  docker: Dockerode,
  request: LogRequest,
  onLine: (line: LogLine) => void,
  signal: AbortSignal,
): Promise<void> {
  const wanted = (node: string) => request.nodes.length === 0 || request.nodes.includes(node);
  const reading = new Map<string, Promise<void>>();
  /** Container id → the stamp of its last line, where a new stream goes on. */
  const last = new Map<string, string>();

  const read = (instance: Instance, from: Pick<LogRequest, 'tail' | 'since'>) => {
    if (reading.has(instance.id)) return;
    const skipUpTo = last.get(instance.id);
    const done = readContainerLogs({
      docker,
      instance,
      request: { follow: request.follow, until: request.until, ...from },
      signal,
      onLine: (line) => {
        if (skipUpTo !== undefined && line.at <= skipUpTo) return;
        if (line.at !== '') last.set(instance.id, line.at);
        onLine(line);
      },
    })
      // A container that was removed between two requests has no log any more.
      .catch(() => {})
      .finally(() => reading.delete(instance.id));
    reading.set(instance.id, done);
  };

  const takeUp = async (id: string) => {
    const { instances } = await observeDocker(docker, request.project, []);
    const instance = instances.find((candidate) => candidate.id === id);
    if (instance === undefined || !wanted(instance.node)) return;
    await reading.get(id);
    read(instance, last.has(id) ? { since: last.get(id) } : {});
  };

  if (request.follow) {
    await watchDocker(
      docker,
      request.project,
      (event) => event.type === 'started' && void takeUp(event.id).catch(() => {}),
      signal,
    );
  }
  const { instances } = await observeDocker(docker, request.project, []);
  for (const instance of instances.filter((candidate) => wanted(candidate.node))) {
    if (instance.state !== 'created') read(instance, { tail: request.tail, since: request.since });
  }
  if (!request.follow) await Promise.all(reading.values());
  else await aborted(signal);
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
