import type { EventOf, MeshEvent } from '../execute/event.ts';

/** How far a node is, as the events told it. */
export type NodePhase =
  | 'waiting'
  | 'building'
  | 'built'
  | 'pulling'
  | 'created'
  | 'started'
  | 'probing'
  | 'ready'
  | 'done'
  | 'failed'
  | 'skipped'
  | 'stopping'
  | 'stopped';

export interface NodeProgress {
  readonly name: string;
  readonly kind: 'infrastructure' | 'service';
  readonly tier: string;
  readonly phase: NodePhase;
  /** Milliseconds of the run. */
  readonly startedAtMs?: number | undefined;
  /** From its start to ready; how long it took to stop or build. */
  readonly tookMs?: number | undefined;
  /** When its build began, in milliseconds of the run. */
  readonly buildingAtMs?: number | undefined;
  /** Its build found everything in the cache. */
  readonly cached?: boolean | undefined;
  /** Its image was made from the same inputs, so nothing was built. */
  readonly upToDate?: boolean | undefined;
  /** The needs that are not met yet. */
  readonly on: readonly string[];
  /** The last answer of its readiness check. */
  readonly answer?: string | undefined;
  readonly tries?: number | undefined;
  /** The step that a build or pull is at. */
  readonly step?: string | undefined;
  readonly kept: boolean;
  readonly endpoints: EventOf<'node:ready'>['endpoints'];
  readonly failure?: EventOf<'node:failed'> | undefined;
  /** The failed node because of which it was skipped. */
  readonly because?: string | undefined;
}

/** All that displays need to know of a run: a fold over its events. */
export interface RunState {
  readonly started?: EventOf<'run:started'> | undefined;
  readonly finished?: EventOf<'run:finished'> | undefined;
  /** In the order of the run. */
  readonly nodes: ReadonlyMap<string, NodeProgress>;
  readonly notices: readonly string[];
  readonly elapsedMs: number;
}

export function initialRunState(): RunState {
  return { nodes: new Map(), notices: [], elapsedMs: 0 };
}

type Reducers = { readonly [T in MeshEvent['type']]: (state: RunState, event: EventOf<T>) => RunState };

const REDUCERS: Reducers = {
  'run:started': (state, event) => ({
    ...state,
    started: event,
    nodes: new Map(
      event.nodes.map((node) => [
        node.name,
        {
          ...node,
          phase: 'waiting',
          on: [],
          kept: event.keep.includes(node.name),
          endpoints: [],
        } satisfies NodeProgress,
      ]),
    ),
  }),
  'node:building': (state, { node, step, stage, position, because, elapsedMs }) =>
    change(state, node, {
      phase: 'building',
      step: step === undefined ? because : [stage, position, step].filter((part) => part !== undefined).join(' '),
      buildingAtMs: state.nodes.get(node)?.buildingAtMs ?? elapsedMs,
    }),
  'node:built': (state, { node, tookMs, cached, upToDate }) =>
    change(state, node, { phase: 'built', step: undefined, tookMs, cached, upToDate }),
  'node:verified': (state) => state,
  'node:pulling': (state, { node, image, progress }) =>
    change(state, node, { phase: 'pulling', step: progress === undefined ? image : `${image} ${progress}` }),
  'node:pulled': (state, { node }) => change(state, node, { phase: 'built', step: undefined }),
  'node:created': (state, { node }) => change(state, node, { phase: 'created', step: undefined }),
  'node:removed': (state) => state,
  'node:started': (state, event) =>
    change(state, event.node, {
      phase: 'started',
      on: [],
      startedAtMs: state.nodes.get(event.node)?.startedAtMs ?? event.elapsedMs,
    }),
  'node:waiting': (state, { node, on, probe }) =>
    change(
      state,
      node,
      probe === undefined ? { on: on ?? [] } : { phase: 'probing', on: [], answer: probe.answer, tries: probe.tries },
    ),
  'node:ready': (state, { node, afterMs, how, kept, endpoints }) =>
    change(state, node, { phase: how === 'completed' ? 'done' : 'ready', tookMs: afterMs, kept, endpoints, on: [] }),
  'node:failed': (state, event) => change(state, event.node, { phase: 'failed', failure: event, on: [] }),
  'node:skipped': (state, { node, because }) => change(state, node, { phase: 'skipped', because }),
  'node:stopping': (state, { node }) => change(state, node, { phase: 'stopping' }),
  'node:stopped': (state, { node, tookMs }) => change(state, node, { phase: 'stopped', tookMs }),
  'run:notice': (state, { message }) => ({ ...state, notices: [...state.notices, message] }),
  'run:finished': (state, event) => ({ ...state, finished: event }),
};

export function reduceRun(state: RunState, event: MeshEvent): RunState {
  const reduce = REDUCERS[event.type] as (state: RunState, event: MeshEvent) => RunState;
  return { ...reduce(state, event), elapsedMs: event.elapsedMs };
}

function change(state: RunState, name: string, progress: Partial<NodeProgress>): RunState {
  const before = state.nodes.get(name) ?? {
    name,
    kind: 'service',
    tier: '',
    phase: 'waiting',
    on: [],
    kept: false,
    endpoints: [],
  };
  return { ...state, nodes: new Map(state.nodes).set(name, { ...before, ...progress }) };
}

/** A node about which nothing remains to be waited for. */
export function isSettled(node: NodeProgress, command?: EventOf<'run:started'>['command']): boolean {
  if (node.phase === 'built') return command === 'build';
  return ['ready', 'done', 'failed', 'skipped', 'stopped'].includes(node.phase);
}

/** What a node that is not ready waits for, in words; as it came, so a display cuts it and neutralises control characters. */
export function waitWords(node: NodeProgress): string {
  switch (node.phase) {
    case 'waiting':
    case 'created':
    case 'built':
      return node.on.length === 0 ? 'starting' : `waits for ${node.on.join(', ')}`;
    case 'building':
      return node.step === undefined ? 'building' : `builds: ${node.step}`;
    case 'pulling':
      return `pulls ${node.step ?? 'its image'}`;
    case 'probing':
      return `${node.answer ?? 'no answer yet'} (${node.tries ?? 1} ${node.tries === 1 ? 'try' : 'tries'})`;
    case 'skipped':
      return `skipped: ${node.because ?? 'a need'} failed`;
    case 'failed':
      return node.failure?.reason ?? 'failed';
    default:
      return node.phase;
  }
}
