import type { EngineEvent } from '../../../src/engine/engine.ts';
import {
  createFakeEngine,
  type FakeEngine,
  type FakeEngineOptions,
} from '../../../src/engine/fake/create-fake-engine.ts';
import { createEmitter } from '../../../src/execute/emit.ts';
import { type EventOf, eventSchema, type MeshEvent } from '../../../src/execute/event.ts';
import type { RunContext } from '../../../src/execute/run-context.ts';
import { runDown } from '../../../src/execute/run-down.ts';
import { runUp, type UpResult } from '../../../src/execute/run-up.ts';
import { topologicalOrder } from '../../../src/graph/topology.ts';
import { needsOf } from '../../../src/mesh/check-model.ts';
import type { Check, MeshNode } from '../../../src/mesh/mesh.ts';
import { type Applied, NOTHING_APPLIED } from '../../../src/plan/applied.ts';
import type { UpInputs } from '../../../src/plan/plan-up.ts';
import { planUp } from '../../../src/plan/plan-up.ts';
import { specsOf } from '../plan/plan-bench.ts';
import { healthWith, meshWith, nodeWith } from '../render/mesh-builder.ts';
import { createVirtualClock, type VirtualClock } from '../time/virtual-clock.ts';

/** Asked in the instance itself, so no network is needed: the fake answers by the behaviour of the node. */
export const ASK: Check = { kind: 'exec', command: ['ready'] };

/** A node that is ready when a command in it succeeds. */
export function server(name: string, fields: Partial<MeshNode> = {}): MeshNode {
  return nodeWith({ name, health: healthWith(ASK), ...fields });
}

export function job(name: string, fields: Partial<MeshNode> = {}): MeshNode {
  return nodeWith({ name, job: true, health: healthWith({ kind: 'completed' }), ...fields });
}

export interface UpRun extends UpResult {
  readonly events: readonly MeshEvent[];
}

interface UpChoices
  extends Partial<Pick<UpInputs, 'wanted' | 'build' | 'withinMs'>>,
    Partial<Pick<RunContext, 'signal' | 'wait'>> {
  /** The world goes on between the look at it and the first action. */
  readonly planningTakesMs?: number;
}

/** One machine on which meshes are brought up and down, with the memory that runs have of each other. */
export interface RunBench extends Disposable {
  readonly clock: VirtualClock;
  readonly engine: FakeEngine;
  readonly up: (nodes: readonly MeshNode[], choices?: UpChoices) => Promise<UpRun>;
  readonly down: (
    nodes: readonly MeshNode[],
    options?: Partial<Parameters<typeof runDown>[1]>,
  ) => Promise<{ readonly removed: readonly string[]; readonly events: readonly MeshEvent[] }>;
  /** What a run tells, also of one that has not ended or has thrown. */
  readonly told: readonly MeshEvent[];
}

export function createRunBench(options: Omit<FakeEngineOptions, 'clock'> = {}): RunBench {
  const clock = createVirtualClock();
  const engine = createFakeEngine({ clock, ...options });
  const told: MeshEvent[] = [];
  let applied: Applied = NOTHING_APPLIED;
  const record = (event: MeshEvent) => told.push(eventSchema.parse(event));

  return {
    clock,
    engine,
    told,
    up: async (nodes, choices = {}) => {
      const mesh = meshWith({ nodes });
      const specs = specsOf(mesh);
      const wanted = choices.wanted ?? topologicalOrder(needsOf(mesh.nodes));
      const observed = await engine.observe(
        mesh.project,
        mesh.nodes.map(({ image }) => image),
      );
      const { withinMs, build = 'missing' } = choices;
      if (choices.planningTakesMs !== undefined) await clock.sleep(choices.planningTakesMs);
      const plan = planUp({ mesh, wanted, observed, applied, specs, build, withinMs });
      const from = told.length;
      const beganMs = clock.now();
      const context: RunContext = {
        engine,
        mesh,
        clock,
        command: 'up',
        beganMs,
        emit: createEmitter(clock, [record], beganMs),
        signal: choices.signal ?? new AbortController().signal,
        build: async (names) => {
          for (const name of names) engine.putImage(mesh.nodes.find((node) => node.name === name)?.image ?? '');
          return new Map(names.map((name) => [name, { ok: true, tookMs: 0, cached: false }]));
        },
        text: () => '',
        lineAt: () => undefined,
        portHolder: (port) => engine.portHolder(port),
        wait: choices.wait ?? true,
      };
      const result = await runUp(context, plan, observed);
      applied = appliedAfter(applied, wanted, result, specs);
      return { ...result, events: told.slice(from) };
    },
    down: async (nodes, choices = {}) => {
      const mesh = meshWith({ nodes });
      const from = told.length;
      const beganMs = clock.now();
      const signal = new AbortController().signal;
      const emit = createEmitter(clock, [record], beganMs);
      const { instances } = await engine.observe(mesh.project, []);
      const result = await runDown(
        { engine, mesh, clock, beganMs, emit, signal },
        { command: 'down', instances, volumes: false, wholeProject: true, ...choices },
      );
      return { ...result, events: told.slice(from) };
    },
    [Symbol.dispose]: () => engine.close(),
  };
}

function appliedAfter(
  before: Applied,
  wanted: readonly string[],
  result: UpResult,
  specs: ReturnType<typeof specsOf>,
): Applied {
  const nodes = wanted.map((name) => {
    const own = result.instances.filter((instance) => instance.node === name).sort((a, b) => a.replica - b.replica);
    return [name, { ids: own.map(({ id }) => id), spec: specs.get(name) ?? {} }] as const;
  });
  return { v: 1, nodes: { ...before.nodes, ...Object.fromEntries(nodes) } };
}

/** The events of a run, a line each, as far as tests look at them. */
export function tell(events: readonly MeshEvent[]): string {
  return events.map((event) => `${event.elapsedMs} ${describe(event)}`).join('\n');
}

function describe(event: MeshEvent): string {
  const what = event.type.replace(/^node:/, '');
  switch (event.type) {
    case 'node:ready':
      return `${what} ${event.node} after ${event.afterMs}${event.kept ? ', kept' : ''}${event.how === 'ready' ? '' : `, ${event.how}`}`;
    case 'node:waiting':
      return event.on === undefined
        ? `${what} ${event.node}: ${event.probe?.answer}`
        : `${what} ${event.node} on ${event.on.join(' ')}`;
    case 'node:failed':
      return `${what} ${event.node} ${event.code} ${event.reason}`;
    case 'node:skipped':
      return `${what} ${event.node} because ${event.because}`;
    case 'node:created':
      return `${event.recreated ? 'recreated' : what} ${event.node}`;
    case 'node:started':
      return `${what} ${event.node}${event.replica === 1 ? '' : ` ${event.replica}`}`;
    case 'run:started':
      return `${event.type} ${event.command}${event.keep.length === 0 ? '' : `, keep ${event.keep.join(' ')}`}`;
    case 'run:finished':
      return `${event.type} ${event.ok ? 'ok' : 'not ok'} ${event.ready}/${event.wanted}, ${event.changed} changed`;
    case 'run:notice':
      return event.message;
    default:
      return `${what} ${event.node}`;
  }
}

export function eventsOf<T extends MeshEvent['type']>(events: readonly MeshEvent[], type: T): EventOf<T>[] {
  return events.filter((event): event is EventOf<T> => event.type === type);
}

/** An exit as the engine tells of it. */
export function exited(id: string, exitCode: number): EngineEvent {
  return { type: 'exited', id, node: id, replica: 1, exitCode, at: '2024-01-01T00:00:00.000Z' };
}
