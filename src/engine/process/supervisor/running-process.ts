import type { ChildProcess } from 'node:child_process';
import type { ProcessIdentity, ProcessSpec } from '../process-spec.ts';
import { type GroupIdentity, groupMembers, signalGroup } from '../state/process-group.ts';
import { isAlive, readProcess } from '../state/process-table.ts';
import { exitCodeOf, spawnGroup } from './launch.ts';
import { type OnLines, type OutputReader, openOutput, readOutput } from './output-pipes.ts';

/** A program that runs. */
export interface RunningProcess {
  readonly process: ProcessIdentity | undefined;
  /** Its exit code, once its whole group has ended and all of its output is read; nothing when nobody could tell. */
  readonly ended: Promise<number | undefined>;
}

export interface OutputScope {
  /** The folder of the named pipes. */
  readonly pipes: string;
  readonly onLines: OnLines;
  /** Whether what the leader left behind has time to end by itself: it was asked to stop, and its grace is not over. */
  readonly hasGrace: () => boolean;
}

/** How long output is awaited once its program is gone; only what left the group can still hold it open. */
const DRAIN_MS = 500;
/** A process that is not our child tells nobody that it ends. */
const LOOK_MS = 500;
const STOP_LOOK_MS = 20;

/** Starts the program of a spec. Rejects with the system's words when it cannot be started. */
export async function runProcess(spec: ProcessSpec, scope: OutputScope): Promise<RunningProcess> {
  const { reader, ends } = openOutput(scope.pipes, spec.id, scope.onLines);
  let child: ChildProcess;
  try {
    child = await spawnGroup(spec, spec.argv, ['ignore', ...ends.descriptors]);
  } catch (error) {
    reader.close();
    throw error;
  } finally {
    ends.close();
  }
  const exited = new Promise<number>((resolve) =>
    child.once('exit', (code, signal) => resolve(exitCodeOf(code, signal))),
  );
  const process = identityOf(child);
  const group = process === undefined ? undefined : { leader: process, instance: spec.id };
  const ended = exited.then(async (code) => {
    await endRest(group, reader, scope);
    return code;
  });
  return { process, ended };
}

/** Takes over a program of a supervisor that is gone. */
export function adoptProcess(group: GroupIdentity, scope: OutputScope): RunningProcess {
  const reader = readOutput(scope.pipes, group.instance, scope.onLines);
  const ended = (async () => {
    while (isAlive(group.leader)) await pause(LOOK_MS);
    await endRest(group, reader, scope);
    return undefined;
  })();
  return { process: group.leader, ended };
}

/** Also of a child that has exited already: it is not reaped yet, and may have left children. */
export function identityOf(child: ChildProcess): ProcessIdentity | undefined {
  const info = child.pid === undefined ? undefined : readProcess(child.pid);
  return info === undefined ? undefined : { pid: info.pid, startedAt: info.startedAt };
}

export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds).unref();
  });
}

/**
 * Ends what the leader left behind, as the end of a container would, and reads the rest of the output. A leader such as
 * `dotnet run` goes at once when it is asked to stop, and the program that it ran has still to put things in order.
 */
async function endRest(
  group: GroupIdentity | undefined,
  reader: OutputReader,
  { hasGrace }: OutputScope,
): Promise<void> {
  if (group !== undefined) {
    while (hasGrace() && groupMembers(group).length > 0) await pause(STOP_LOOK_MS);
    signalGroup(group, 'SIGKILL');
  }
  await Promise.race([reader.ended, pause(DRAIN_MS)]);
  reader.close();
  await reader.ended;
}
