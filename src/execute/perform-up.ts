import { MeshError, messageOf } from '../diagnostics/mesh-error.ts';
import { type Mesh, type MeshNode, nodeOf } from '../mesh/mesh.ts';
import type { Instance } from '../plan/observed.ts';
import type { Action, ActionKind } from '../plan/plan.ts';
import type { ActionOutcome } from './action-graph.ts';
import { awaitCompleted, awaitReady } from './await-node.ts';
import { buildTogether } from './build-together.ts';
import type { FailureReason } from './describe-failure.ts';
import { nodeAddresses } from './node-addresses.ts';
import { reportFailure } from './report-failure.ts';
import { instancesNow, lookAgain, type RunContext, type RunState } from './run-context.ts';

type Outcomes = Map<number, ActionOutcome>;
type Performers = {
  readonly [K in ActionKind]: (actions: readonly Extract<Action, { kind: K }>[], outcomes: Outcomes) => Promise<void>;
};

/**
 * Creating, recreating and removing many is one call of the engine, and so is a build of several images. What needs
 * nothing gets a call of its own, the first: it starts while the others are still being created.
 */
export function groupOf(mesh: Mesh, action: Action): string {
  if (action.kind === 'remove') return FIRST_CONVERGE;
  if (action.kind === 'create' || action.kind === 'recreate') {
    return nodeOf(mesh, action.node).needs.length === 0 ? FIRST_CONVERGE : 'converge the others';
  }
  return action.kind === 'build' ? 'build' : String(action.id);
}

const FIRST_CONVERGE = 'converge what needs nothing';

/** How each kind of action is carried out. A new kind does not compile until it stands here. */
export function createPerformers(
  context: RunContext,
  state: RunState,
): (group: readonly Action[]) => Promise<Outcomes> {
  const performers: Performers = {
    build: (actions, outcomes) => performBuild(context, state, actions, outcomes),
    pull: (actions, outcomes) => performPull(context, state, actions, outcomes),
    create: (actions) => performConverge(context, state, actions),
    recreate: (actions) => performConverge(context, state, actions),
    remove: (actions) => performConverge(context, state, actions),
    start: (actions, outcomes) => performStart(context, state, actions, outcomes),
    wait: (actions, outcomes) => performWait(context, state, actions, outcomes),
  };
  return async (group) => {
    const outcomes: Outcomes = new Map();
    const [first] = group;
    if (first === undefined) return outcomes;
    // A group of one kind, or of the three kinds that converge together; each performer takes what its group holds.
    if (isConverge(first)) await performConverge(context, state, group);
    else
      await (performers[first.kind] as (actions: readonly Action[], outcomes: Outcomes) => Promise<void>)(
        group,
        outcomes,
      );
    return outcomes;
  };
}

function isConverge(action: Action): boolean {
  return action.kind === 'create' || action.kind === 'recreate' || action.kind === 'remove';
}

async function performBuild(
  context: RunContext,
  state: RunState,
  actions: readonly Action[],
  outcomes: Outcomes,
): Promise<void> {
  const failed = await buildTogether(
    actions.map((action) => action.node),
    (nodes) => context.build(nodes, context.signal),
    context.emit,
  );
  for (const { id, node } of actions) {
    const failure = failed.get(node);
    if (failure === undefined) continue;
    const { reason, hint, logs } = failure;
    outcomes.set(id, 'failed');
    await reportFailure(context, state, node, { reason, code: 'MESH3006', logs, hint });
  }
}

async function performPull(
  context: RunContext,
  state: RunState,
  actions: readonly Extract<Action, { kind: 'pull' }>[],
  outcomes: Outcomes,
): Promise<void> {
  for (const { id, node, image } of actions) {
    const begin = context.clock.now();
    context.emit({ type: 'node:pulling', node, image });
    try {
      await context.engine.pull(
        image,
        (progress) => context.emit({ type: 'node:pulling', node, image, progress }),
        context.signal,
      );
      context.emit({ type: 'node:pulled', node, image, tookMs: Math.round(context.clock.now() - begin) });
    } catch (error) {
      if (!(error instanceof MeshError) || error.code !== 'MESH2004') throw error;
      outcomes.set(id, 'failed');
      await reportFailure(context, state, node, {
        reason: error.message,
        code: 'MESH2004',
        logs: [],
        hint: error.hint,
      });
    }
  }
}

/** One call after the other: two at once would both want to make the network of the project. */
function performConverge(context: RunContext, state: RunState, actions: readonly Action[]): Promise<void> {
  const turn = state.converging.then(async () => {
    await startsUnderWay(state);
    await converge(context, state, actions);
  });
  state.converging = turn.catch(() => {});
  return turn;
}

/** Turns of the microtask queue that the walk needs, at most, from the end of a call to what that made possible. */
const WALK_TURNS = 10;

/** What is being started goes first: the engine creates the others while those come up, and not in their way. */
async function startsUnderWay(state: RunState): Promise<void> {
  for (let turn = 0; turn < WALK_TURNS; turn++) await Promise.resolve();
  await Promise.allSettled(state.starting);
}

async function converge(context: RunContext, state: RunState, actions: readonly Action[]): Promise<void> {
  const { engine, mesh, signal, emit } = context;
  signal.throwIfAborted();
  const make = actions.filter((action) => action.kind === 'create' || action.kind === 'recreate');
  const remove = actions.flatMap((action) => (action.kind === 'remove' ? [action.instance] : []));
  const before = new Set(state.instances.map((instance) => instance.id));
  const had = new Set(state.instances.map((instance) => instance.node));
  const anew = make.filter((action) => action.kind === 'recreate' && action.differs === 'spec').map(({ node }) => node);
  await engine.converge({ mesh, nodes: make.map((action) => action.node), anew, remove }, signal);
  await lookAgain(context, state);
  for (const { node, cause } of make) {
    const fresh = instancesNow(state, node).some((instance) => !before.has(instance.id));
    if (!fresh) continue;
    state.changed.add(node);
    emit({ type: 'node:created', node, cause: cause.text, recreated: had.has(node) });
  }
  for (const action of actions) {
    if (action.kind !== 'remove') continue;
    state.changed.add(action.node);
    emit({ type: 'node:removed', node: action.instance.name, cause: action.cause.text });
  }
}

async function performStart(
  context: RunContext,
  state: RunState,
  actions: readonly Action[],
  outcomes: Outcomes,
): Promise<void> {
  for (const { id, node } of actions) {
    const idle = instancesNow(state, node).filter(
      (instance) => instance.state !== 'running' && instance.state !== 'restarting',
    );
    if (idle.length === 0) continue;
    state.changed.add(node);
    state.startedMs.set(node, context.clock.now());
    const start = startAll(context, node, idle);
    state.starting.add(start);
    const failure = await start.finally(() => state.starting.delete(start));
    if (failure === undefined) continue;
    outcomes.set(id, 'failed');
    await reportFailure(context, state, node, failure);
  }
}

async function startAll(
  context: RunContext,
  node: string,
  instances: readonly Instance[],
): Promise<(FailureReason & { readonly hint?: string | undefined }) | undefined> {
  const results = await Promise.allSettled(
    instances.map(async (instance) => {
      await context.engine.start(instance, context.mesh, context.signal);
      context.emit({ type: 'node:started', node, replica: instance.replica });
    }),
  );
  const rejected = results.find((result) => result.status === 'rejected');
  if (rejected === undefined) return undefined;
  if (context.signal.aborted) throw context.signal.reason;
  return describeStartError(context, rejected.reason);
}

/** In the words of Docker (a container holds it; a program does, since 28; before 28) and of Podman. */
const PORT_TAKEN =
  /(?:Bind for [^ ]*?:(\d+) failed|bind host port (?:for )?[^ ]*?:(\d+)[:/]|listen (?:tcp|udp)[46]? [^ ]*?:(\d+): bind|exposing port [^ ]+ [^ ]*?:(\d+))/;

/** @throws the error itself when it is not about this node, such as an engine that is gone */
async function describeStartError(
  context: RunContext,
  error: unknown,
): Promise<FailureReason & { readonly hint?: string | undefined }> {
  if (!(error instanceof MeshError) || error.code === 'MESH2001' || error.code === 'MESH2007') throw error;
  const match = PORT_TAKEN.exec(messageOf(error));
  const port = Number(match?.slice(1).find((group) => group !== undefined) ?? Number.NaN);
  if (Number.isNaN(port))
    return {
      reason: `could not be started: ${error.message}`,
      code: error.code === 'MESH3008' ? error.code : 'MESH3007',
      hint: error.hint,
    };
  const holder = await context.portHolder(port);
  return {
    reason:
      holder === undefined ? `host port ${port} is held by another program` : `host port ${port} is held by ${holder}`,
    code: 'MESH2003',
    hint: 'stop it, or take free ports: mesh dev up --remap-ports',
  };
}

async function performWait(
  context: RunContext,
  state: RunState,
  actions: readonly Extract<Action, { kind: 'wait' }>[],
  outcomes: Outcomes,
): Promise<void> {
  for (const { id, node: name, until, withinMs } of actions) {
    const node = nodeOf(context.mesh, name);
    const begin = context.clock.now();
    const failure =
      until === 'started' || !context.wait ? undefined : await awaitAll(context, state, name, until, withinMs);
    if (failure !== undefined) {
      outcomes.set(id, 'failed');
      await reportFailure(context, state, name, failure);
      continue;
    }
    const now = context.clock.now();
    const startedMs = state.startedMs.get(name);
    if (startedMs !== undefined && until !== 'started') state.times.set(name, { startedMs, readyMs: now });
    // Each node has one more wait, for what it is itself: that one tells.
    if (until === 'started') continue;
    state.ready.add(name);
    context.emit({
      type: 'node:ready',
      node: name,
      afterMs: Math.round(now - (startedMs ?? begin)),
      how: context.wait ? until : 'started',
      kept: startedMs === undefined,
      endpoints: nodeAddresses(node, instancesNow(state, name)[0], context.engine.info.publishHost),
    });
  }
}

/** Every replica must be ready; the first one that is not decides. */
async function awaitAll(
  context: RunContext,
  state: RunState,
  name: string,
  until: 'ready' | 'completed',
  withinMs: number,
): Promise<FailureReason | undefined> {
  const node = nodeOf(context.mesh, name);
  if (state.startedMs.has(name) && hasUnknownPorts(node)) {
    await lookAgain(context, state);
  }
  const instances = instancesNow(state, name);
  if (instances.length < node.replicas) {
    return { reason: 'its container was removed by another command', code: 'MESH3008' };
  }
  const results = await Promise.all(
    instances.map((instance) => {
      const options = { context, state, node, instance, withinMs };
      return until === 'completed' ? awaitCompleted(options) : awaitReady(options);
    }),
  );
  return results.find((result) => result !== undefined);
}

/** The engine picks some host ports at start; only a new look shows them. */
function hasUnknownPorts(node: MeshNode): boolean {
  return node.replicas > 1 || node.endpoints.some((endpoint) => endpoint.host.kind === 'auto');
}
