import type { Readable } from 'node:stream';
import type Dockerode from 'dockerode';
import type { EngineEvent } from '../engine.ts';
import { ownerOf, projectFilter } from './observe.ts';

interface RawEvent {
  readonly Action?: string;
  readonly status?: string;
  readonly id?: string;
  readonly time?: number;
  readonly timeNano?: number;
  readonly Actor?: { readonly ID?: string; readonly Attributes?: Readonly<Record<string, string>> };
}

const TYPES: Readonly<Record<string, EngineEvent['type']>> = {
  start: 'started',
  die: 'exited',
  oom: 'out-of-memory',
  destroy: 'removed',
  restart: 'restarted',
};

/** Container events of a project until the signal; resolves once the engine has accepted the subscription. */
export async function watchDocker(
  docker: Dockerode,
  project: string,
  onEvent: (event: EngineEvent) => void,
  signal: AbortSignal,
): Promise<void> {
  const stream = await docker.getEvents({
    filters: { ...projectFilter(project), type: ['container'], event: Object.keys(TYPES) },
    abortSignal: signal,
  });
  let rest = '';
  stream.on('data', (chunk: Buffer) => {
    const lines = `${rest}${chunk.toString('utf8')}`.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const event = line.trim() === '' ? undefined : toEvent(JSON.parse(line) as RawEvent);
      if (event !== undefined) onEvent(event);
    }
  });
  // The engine never ends this stream by itself: when nobody here ended it, the engine is gone.
  let over = false;
  const end = () => {
    if (over || signal.aborted) return;
    over = true;
    onEvent({ type: 'lost', id: '', node: '', replica: 0, at: new Date().toISOString() });
  };
  stream.on('error', end).on('end', end).on('close', end);
  signal.addEventListener('abort', () => (stream as unknown as Readable).destroy(), { once: true });
}

function toEvent(raw: RawEvent): EngineEvent | undefined {
  const type = TYPES[raw.Action ?? raw.status ?? ''];
  const attributes = raw.Actor?.Attributes ?? {};
  const id = raw.Actor?.ID ?? raw.id;
  if (type === undefined || id === undefined) return undefined;
  const exitCode = attributes.exitCode === undefined ? undefined : Number(attributes.exitCode);
  const millis = raw.timeNano === undefined ? (raw.time ?? 0) * 1000 : raw.timeNano / 1e6;
  return { type, id, ...ownerOf(attributes), exitCode, at: new Date(millis).toISOString() };
}
