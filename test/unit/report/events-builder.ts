import { Writable } from 'node:stream';
import type { EventBody, EventOf, MeshEvent } from '../../../src/execute/event.ts';
import { initialRunState, type RunState, reduceRun } from '../../../src/report/run-state.ts';

/** A script of a run: `[seconds since it began, what happened]`. */
export type Script = readonly (readonly [number, EventBody])[];

const BEGIN = Date.UTC(2026, 0, 31, 12, 3, 40);

/** Stamps a script as the event stream would. */
export function events(script: Script): MeshEvent[] {
  return script.map(([seconds, body]) => {
    const elapsedMs = Math.round(seconds * 1000);
    return { v: 1, at: new Date(BEGIN + elapsedMs).toISOString(), elapsedMs, ...body };
  });
}

export function stateAfter(script: Script): RunState {
  return events(script).reduce(reduceRun, initialRunState());
}

type Endpoints = EventOf<'node:ready'>['endpoints'];
type NodeInfo = EventOf<'run:started'>['nodes'][number];

const NODES: readonly NodeInfo[] = [
  { name: 'postgres', kind: 'infrastructure', tier: 'infrastructure' },
  { name: 'rabbitmq', kind: 'infrastructure', tier: 'infrastructure' },
  { name: 'discovery', kind: 'service', tier: 'discovery' },
  { name: 'auth-service', kind: 'service', tier: 'business' },
  { name: 'gateway', kind: 'service', tier: 'gateway' },
];

export function started(
  command: EventOf<'run:started'>['command'] = 'up',
  changes: Partial<Pick<EventOf<'run:started'>, 'keep' | 'nodes' | 'instance'>> = {},
): EventBody {
  return {
    type: 'run:started',
    command,
    mesh: 'toskamesh',
    engine: 'docker 28.5',
    nodes: [...NODES],
    keep: [],
    ...changes,
  };
}

export function endpoint(name: string, protocol: string, hostPort: number, note?: string): Endpoints[number] {
  return {
    name,
    protocol,
    port: 80,
    hostPort,
    url: `${protocol}://127.0.0.1:${hostPort}`,
    ...(note === undefined ? {} : { note }),
  };
}

export const ENDPOINTS: Readonly<Record<string, Endpoints>> = {
  postgres: [endpoint('tcp', 'tcp', 5432)],
  rabbitmq: [endpoint('amqp', 'tcp', 5672), endpoint('management', 'http', 15672)],
  discovery: [endpoint('http', 'http', 5010, "5001 is auth-service's"), endpoint('grpc', 'grpc', 50051)],
  'auth-service': [endpoint('http', 'http', 5001)],
  gateway: [endpoint('http', 'http', 5000)],
};

export function ready(node: string, afterMs: number, changes: Partial<EventOf<'node:ready'>> = {}): EventBody {
  return { type: 'node:ready', node, afterMs, how: 'ready', kept: false, endpoints: ENDPOINTS[node] ?? [], ...changes };
}

export function failed(node: string, changes: Partial<EventOf<'node:failed'>> = {}): EventBody {
  return {
    type: 'node:failed',
    node,
    reason: 'exited with code 3, three times in 6 s',
    code: 'MESH3002',
    hint: `see mesh dev logs ${node}, mend the cause, then: mesh dev up ${node}`,
    logs: [],
    had: [],
    blocks: [],
    ...changes,
  };
}

export function finished(changes: Partial<EventOf<'run:finished'>> = {}): EventBody {
  return {
    type: 'run:finished',
    ok: true,
    tookMs: 5100,
    ready: NODES.length,
    wanted: NODES.length,
    changed: NODES.length,
    criticalPath: [],
    ...changes,
  };
}

/** A stream that keeps what was written. */
export function createTextStream(): NodeJS.WritableStream & { readonly text: () => string } {
  const chunks: string[] = [];
  const sink = new Writable({
    write(chunk, _encoding, done) {
      chunks.push(String(chunk));
      done();
    },
  });
  return Object.assign(sink, { text: () => chunks.join('') });
}
