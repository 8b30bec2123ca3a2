import type { Location } from '../diagnostics/location.ts';
import type { Engine } from '../engine/engine.ts';
import type { Mesh } from '../mesh/mesh.ts';
import type { Value } from '../mesh/value.ts';
import type { Instance } from '../plan/observed.ts';
import type { Clock } from '../time/clock.ts';
import type { NodeTimes } from './critical-path.ts';
import type { Emit } from './emit.ts';
import type { ExitLog } from './exits.ts';

export interface BuildPlace {
  /** Relative to the project. */
  readonly file: string;
  readonly line: number;
  readonly text: string;
}

/** What a build says of one node. */
export type BuildOutcome =
  | {
      readonly ok: true;
      readonly tookMs: number;
      readonly cached: boolean;
      /** `node:built` was emitted when it was there, before the others were. */
      readonly told?: boolean | undefined;
    }
  /** `logs`: the lines of the failing step. */
  | {
      readonly ok: false;
      readonly reason: string;
      readonly hint: string;
      readonly logs: readonly string[];
      /** The instruction of its Dockerfile that failed. */
      readonly place?: BuildPlace | undefined;
    };

/** The things that a run works with; all of them are handed in. */
export interface RunContext {
  /** What the user asked for; `restart` is an `up` of nodes that were just stopped. */
  readonly command: 'up' | 'restart';
  /** The options that name this copy of the mesh, where some were given. */
  readonly select?: string | undefined;
  readonly engine: Engine;
  readonly mesh: Mesh;
  readonly clock: Clock;
  /** When the command began, in milliseconds of the clock: what came before the first action counts for the user, too. */
  readonly beganMs: number;
  readonly emit: Emit;
  readonly signal: AbortSignal;
  /** Builds images together; the map has an entry for every node. */
  readonly build: (nodes: readonly string[], signal: AbortSignal) => Promise<ReadonlyMap<string, BuildOutcome>>;
  /** A value as text, with secrets, for probes only. */
  readonly text: (value: Value) => string;
  /** The line of the manifest at a place, for messages. */
  readonly lineAt: (location: Location) => string | undefined;
  /** Who holds a host port that could not be bound, in words. */
  readonly portHolder: (port: number) => Promise<string | undefined>;
  /** `--no-wait`: nothing is probed, and a need counts as met once it has started. */
  readonly wait: boolean;
}

/** What changes while a run goes on. */
export interface RunState {
  /** The starts that the engine is busy with. */
  readonly starting: Set<Promise<unknown>>;
  /** Settles when the last call that changes instances is over. */
  converging: Promise<void>;
  instances: readonly Instance[];
  /** How often the engine was asked for them, and which of its answers they are. */
  readonly looks: { asked: number; shown: number };
  readonly exits: ExitLog;
  readonly times: Map<string, NodeTimes>;
  readonly startedMs: Map<string, number>;
  /** Nodes that this run created, started or removed. */
  readonly changed: Set<string>;
  readonly ready: Set<string>;
  readonly failed: Set<string>;
  /** The ids of instances that the plan removes: nobody starts them or waits for them. */
  readonly leaving: ReadonlySet<string>;
}

export function instancesNow(state: RunState, node: string): Instance[] {
  return state.instances
    .filter((instance) => instance.node === node && !state.leaving.has(instance.id))
    .sort((a, b) => a.replica - b.replica);
}

/** Asks the engine for the instances. An answer that comes after a newer one is dropped, since it lacks what was made since. */
export async function lookAgain(context: RunContext, state: RunState): Promise<void> {
  state.looks.asked += 1;
  const look = state.looks.asked;
  const { instances } = await context.engine.observe(context.mesh.project, []);
  if (look < state.looks.shown) return;
  state.looks.shown = look;
  state.instances = instances;
}
