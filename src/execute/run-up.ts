import { MeshError } from '../diagnostics/mesh-error.ts';
import { type Mesh, nodeOf } from '../mesh/mesh.ts';
import type { Instance, Observed } from '../plan/observed.ts';
import type { Action, Plan } from '../plan/plan.ts';
import { walkActions } from './action-graph.ts';
import { criticalPath, type NodeTimes } from './critical-path.ts';
import { createExitLog } from './exits.ts';
import { createPerformers, groupOf } from './perform-up.ts';
import type { RunContext, RunState } from './run-context.ts';

export interface UpResult {
  readonly ok: boolean;
  readonly interrupted: boolean;
  readonly changed: ReadonlySet<string>;
  readonly times: ReadonlyMap<string, NodeTimes>;
  /** As they are at the end. */
  readonly instances: readonly Instance[];
}

/** Carries out a plan: walks its actions, tells what happens, and never leaves a stream or a timer behind. */
export async function runUp(context: RunContext, plan: Plan, observed: Observed): Promise<UpResult> {
  const { engine, mesh, clock, emit } = context;
  const state: RunState = {
    starting: new Set(),
    converging: Promise.resolve(),
    instances: observed.instances,
    looks: { asked: 0, shown: 0 },
    exits: createExitLog(),
    times: new Map(),
    startedMs: new Map(),
    changed: new Set(),
    ready: new Set(),
    failed: new Set(),
    leaving: new Set(plan.actions.flatMap((action) => (action.kind === 'remove' ? [action.instance.id] : []))),
  };
  // Whatever ends the run ends all that still goes on in it: the engine's events, and what other nodes wait for.
  const over = new AbortController();
  const inner = { ...context, signal: AbortSignal.any([context.signal, over.signal]) };
  const interrupted = () => context.signal.aborted;
  emit({
    type: 'run:started',
    command: context.command,
    mesh: mesh.name,
    ...(mesh.instance === undefined ? {} : { instance: mesh.instance.name }),
    ...(context.select === undefined ? {} : { select: context.select }),
    engine: engine.info.label,
    nodes: plan.wanted.map((name) => {
      const { kind, tier } = nodeOf(mesh, name);
      return { name, kind, tier };
    }),
    keep: [...plan.keep],
  });
  try {
    // Nothing starts before somebody listens for exits.
    await engine.watch(
      mesh.project,
      (event) => {
        if (event.type === 'lost') over.abort(engineLost());
        else state.exits.record(event, clock.now());
      },
      over.signal,
    );
    const perform = createPerformers(inner, state);
    const holds = createHoldTeller(context);
    await walkActions(plan.actions, {
      perform,
      groupOf: (action) => groupOf(mesh, action),
      onSkip: (action, because) => {
        holds.forget(action.node);
        tellSkipped(context, action, because);
      },
      onBreak: (error) => over.abort(error),
      onHeld: holds.tell,
    });
  } catch (error) {
    if (!interrupted()) throw error;
  } finally {
    over.abort(new Error('the run is over'));
  }
  const ok = !interrupted() && state.failed.size === 0 && plan.wanted.every((name) => state.ready.has(name));
  emit({
    type: 'run:finished',
    ok,
    tookMs: Math.round(clock.now() - context.beganMs),
    ready: plan.wanted.filter((name) => state.ready.has(name)).length,
    wanted: plan.wanted.length,
    changed: state.changed.size,
    criticalPath: criticalPath(state.times, (name) => awaitedBy(mesh, name)),
    ...(interrupted() ? { interrupted: true } : {}),
  });
  return { ok, interrupted: interrupted(), changed: state.changed, times: state.times, instances: state.instances };
}

function engineLost(): MeshError {
  return new MeshError('the engine went away while the mesh came up', {
    code: 'MESH2007',
    exitCode: 3,
    hint: 'start it again, then: mesh dev up (it goes on from what is there)',
  });
}

/** The needs whose readiness a node waited for; one that was only to be started took none of its time. */
function awaitedBy(mesh: Mesh, name: string): string[] {
  return nodeOf(mesh, name).needs.flatMap((need) => (need.condition === 'started' ? [] : [need.node]));
}

/** A node is skipped once, whatever number of its actions are. */
function tellSkipped(context: RunContext, action: Action, because: Action): void {
  if (action.kind === 'wait' && action.until !== 'started' && action.node !== because.node) {
    context.emit({ type: 'node:skipped', node: action.node, because: because.node });
  }
}

/** Tells whom a node waits for, each time that changes; nobody any more means that it is being started. */
function createHoldTeller(context: RunContext) {
  const told = new Map<string, string>();
  const tell = (held: readonly { readonly action: Action; readonly on: readonly Action[] }[]) => {
    const waiting = new Map(
      held
        .filter(({ action }) => action.kind === 'start')
        .map(({ action, on }) => [action.node, namesOf(on.filter((other) => other.node !== action.node))]),
    );
    for (const node of new Set([...told.keys(), ...waiting.keys()])) {
      const names = waiting.get(node) ?? [];
      const key = names.join(' ');
      if ((told.get(node) ?? '') === key) continue;
      told.set(node, key);
      context.emit({ type: 'node:waiting', node, on: names });
    }
  };
  return { tell, forget: (node: string) => told.delete(node) };
}

function namesOf(actions: readonly Action[]): string[] {
  return [...new Set(actions.map((action) => action.node))].sort();
}
