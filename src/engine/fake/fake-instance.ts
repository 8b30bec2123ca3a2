import type { MeshNode } from '../../mesh/mesh.ts';
import type { Instance, InstanceState, PublishedPort } from '../../plan/observed.ts';
import type { InstanceDetail, LogLine } from '../engine.ts';

/** What the fake keeps of one instance; only `fake-machine.ts` changes it. */
export interface FakeInstance {
  readonly id: string;
  readonly project: string;
  readonly node: MeshNode;
  readonly replica: number;
  readonly imageId: string;
  /** Two instances with equal hashes need no change. */
  readonly hash: string;
  readonly lines: LogLine[];
  state: InstanceState;
  exitCode: number;
  outOfMemory: boolean;
  error: string;
  startedMs: number | undefined;
  finishedMs: number | undefined;
  /** Starts so far, those by the restart policy included. */
  starts: number;
  restarts: number;
  restartDelayMs: number;
  ports: readonly PublishedPort[];
  /** Ends what is scheduled for the current run. */
  run: AbortController;
}

export function nameOf(instance: FakeInstance): string {
  return `${instance.project}-${instance.node.name}-${instance.replica}`;
}

/** As the engine's list shows it. */
export function toInstance(instance: FakeInstance, date: (ms: number) => string): Instance {
  const ended = instance.state === 'exited' || instance.state === 'restarting';
  return {
    node: instance.node.name,
    replica: instance.replica,
    id: instance.id,
    name: nameOf(instance),
    state: instance.state,
    exitCode: ended ? instance.exitCode : undefined,
    startedAt: instance.startedMs === undefined ? undefined : date(instance.startedMs),
    imageId: instance.imageId,
    ports: instance.ports,
    workingDir: undefined,
  };
}

/** Docker's way to say "not yet". */
const NEVER = '0001-01-01T00:00:00Z';

export function toDetail(instance: FakeInstance, date: (ms: number) => string): InstanceDetail {
  return {
    state: instance.state,
    exitCode: instance.exitCode,
    startedAt: instance.startedMs === undefined ? NEVER : date(instance.startedMs),
    finishedAt: instance.finishedMs === undefined ? NEVER : date(instance.finishedMs),
    restarts: instance.restarts,
    outOfMemory: instance.outOfMemory,
    memoryLimit: 0,
    error: instance.error,
  };
}
