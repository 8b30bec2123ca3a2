import {
  decode,
  type News,
  type Operation,
  type Operations,
  PROTOCOL_VERSION,
  type Reply,
  type Send,
} from './protocol.ts';
import type { Supervisor } from './supervisor.ts';

/** What one connection has asked to hear. */
export interface Listening {
  events: boolean;
  readonly lines: Set<string>;
}

export interface OperationScope {
  readonly supervisor: Supervisor;
  readonly listening: Listening;
  readonly retire: () => void;
}

type Handlers = { readonly [K in Operation]: (send: Send<K>, scope: OperationScope) => Reply<K> | Promise<Reply<K>> };

const HANDLERS: Handlers = {
  hello: () => ({ version: PROTOCOL_VERSION, pid: process.pid }),
  list: (_, { supervisor }) => ({ instances: supervisor.records() }),
  put({ specs }, { supervisor }) {
    for (const spec of specs) supervisor.put(spec);
    return {};
  },
  async start({ spec }, { supervisor }) {
    const known = supervisor.find(spec.id) ?? supervisor.put(spec);
    await known.start(spec);
    return {};
  },
  async stop({ id, graceMs }, { supervisor }) {
    await supervisor.find(id)?.stop(graceMs);
    return {};
  },
  async remove({ id }, { supervisor }) {
    await supervisor.remove(id);
    return {};
  },
  watch(_, { listening }) {
    listening.events = true;
    return {};
  },
  follow({ ids }, { supervisor, listening }) {
    const positions: Record<string, { part: number; bytes: number }> = {};
    const idle: string[] = [];
    for (const id of ids) {
      const supervised = supervisor.find(id);
      if (supervised !== undefined) positions[id] = supervised.log.position();
      const { state } = supervised?.record() ?? { state: 'exited' };
      if (state === 'exited') idle.push(id);
      else listening.lines.add(id);
    }
    return { positions, idle };
  },
  async forward({ forwards }, { supervisor }) {
    await supervisor.forwards.set(forwards);
    return {};
  },
  retire(_, { retire }) {
    // After the reply is on its way.
    setImmediate(retire);
    return {};
  },
};

/** Whether a connection asked for this piece of news. */
export function wants(listening: Listening, news: News): boolean {
  return news.news === 'event' ? listening.events : listening.lines.has(news.id);
}

/** Performs the request on a line; what it throws is for the asker. */
export async function perform(
  line: string,
  scope: OperationScope,
): Promise<{ readonly id: number; readonly reply: object }> {
  const request = decode<{ id: number; operation: Operation; send: object }>(line);
  if (request === undefined) throw new Error('not a request');
  // The version was compared when the connection began, so the form of what is sent is that of its operation.
  const handler = HANDLERS[request.operation] as ((send: object, scope: OperationScope) => object) | undefined;
  if (handler === undefined) throw new Error(`no operation ${request.operation}`);
  return { id: request.id, reply: await handler(request.send as Operations[Operation]['send'], scope) };
}
