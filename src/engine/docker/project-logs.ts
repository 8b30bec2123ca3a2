import type Dockerode from 'dockerode';
import { MeshError } from '../../diagnostics/mesh-error.ts';
import type { Instance } from '../../plan/observed.ts';
import type { LogLine, LogRequest } from '../engine.ts';
import { statusOf } from './connect.ts';
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

  let breakOff: (error: unknown) => void = () => {};
  const broken = new Promise<never>((_, reject) => {
    breakOff = reject;
  });
  broken.catch(() => {});

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
      .catch((error: unknown) => {
        // A container that was removed meanwhile has no log any more.
        if (!signal.aborted && !GONE.has(statusOf(error) ?? 0)) breakOff(error);
      })
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
      (event) => {
        if (event.type === 'lost') breakOff(engineGone());
        else if (event.type === 'started') takeUp(event.id).catch(() => {});
      },
      signal,
    );
  }
  const { instances } = await observeDocker(docker, request.project, []);
  for (const instance of instances.filter((candidate) => wanted(candidate.node))) {
    if (instance.state !== 'created') read(instance, { tail: request.tail, since: request.since });
  }
  await Promise.race([request.follow ? aborted(signal) : Promise.all(reading.values()), broken]);
}

/** Not there, and being removed. */
const GONE: ReadonlySet<number> = new Set([404, 409]);

function engineGone(): MeshError {
  return new MeshError('the engine went away', {
    code: 'MESH2007',
    exitCode: 3,
    hint: 'start it again, then ask for the logs anew',
  });
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
