import type { ChildProcess } from 'node:child_process';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { messageOf } from '../../../diagnostics/mesh-error.ts';
import { type LogFile, openLogFile } from '../logs/log-file.ts';
import type { StoredLine } from '../logs/stored-line.ts';
import type { ProcessRecord, ProcessSpec } from '../process-spec.ts';
import { endMarked, type GroupIdentity, groupMembers, signalGroup } from '../state/process-group.ts';
import { isAlive, readProcess } from '../state/process-table.ts';
import type { ProjectPaths } from '../state/project-paths.ts';
import { exitCodeOf, placeFiles, spawnGroup } from './launch.ts';
import { type OutputReader, openOutput, readOutput, removeOutput } from './output-pipes.ts';
import type { SupervisorEvent } from './protocol.ts';
import { RECOVERED_MS, restartDelayMs } from './restart-delay.ts';
import { runSetup } from './run-setup.ts';

export interface SupervisedContext {
  readonly paths: ProjectPaths;
  readonly stamp: () => string;
  readonly onChange: () => void;
  readonly onEvent: (event: SupervisorEvent) => void;
  readonly onLines: (id: string, lines: readonly StoredLine[]) => void;
}

/** One replica and what keeps it running. */
export interface Supervised {
  readonly record: () => ProcessRecord;
  /** Replaces what it runs; takes effect with the next start. */
  readonly put: (spec: ProcessSpec) => void;
  /** Resolves when its process runs; does nothing when it does already. */
  readonly start: (spec: ProcessSpec) => Promise<void>;
  readonly stop: (graceMs: number) => Promise<void>;
  /** Takes over a process of a supervisor that is gone. */
  readonly adopt: () => Promise<void>;
  readonly remove: () => Promise<void>;
  readonly log: LogFile;
}

/** How long output is awaited once its program is gone; only what left the group can still hold it open. */
const DRAIN_MS = 500;
/** A process that is not our child tells nobody that it ends. */
const LOOK_MS = 500;

export function createSupervised(initial: ProcessRecord, context: SupervisedContext): Supervised {
  const { paths, stamp } = context;
  const { id } = initial.spec;
  const logFolder = path.join(paths.logs, id);
  const log = openLogFile(logFolder);
  let record = initial;
  let wanted: 'up' | 'down' = 'down';
  let quickRestarts = 0;
  let startedMs = Number.POSITIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;
  let starting: Promise<void> | undefined;
  /** Settles when the process that runs now has ended and its output is read. */
  let running: Promise<void> | undefined;

  const change = (next: Partial<ProcessRecord>) => {
    record = { ...record, ...next };
    context.onChange();
  };
  const tell = (type: SupervisorEvent['type'], exitCode?: number) => {
    const { node, replica } = record.spec;
    context.onEvent({ type, id, node, replica, exitCode, at: stamp() });
  };
  const onLines = (stream: StoredLine['stream'], texts: readonly string[]) => {
    const lines = texts.map((text) => ({ at: stamp(), stream, text }));
    log.write(lines);
    context.onLines(id, lines);
  };
  const group = (): GroupIdentity | undefined =>
    record.process === undefined ? undefined : { leader: record.process, instance: id };

  const note = (child: ChildProcess, phase: 'setup' | 'run') => {
    // Even one that has exited already: it is not reaped yet, and may have left children.
    const info = child.pid === undefined ? undefined : readProcess(child.pid);
    change({ process: info === undefined ? undefined : { pid: info.pid, startedAt: info.startedAt }, phase });
  };

  /** Ends what the leader left behind, as the end of a container would, and reads the rest of the output. */
  const finish = async (reader: OutputReader, exitCode: number | undefined) => {
    const left = group();
    if (left !== undefined) signalGroup(left, 'SIGKILL');
    await Promise.race([reader.ended, pause(DRAIN_MS)]);
    reader.close();
    await reader.ended;
    onEnd(exitCode);
  };

  const onEnd = (exitCode: number | undefined) => {
    const ranMs = performance.now() - startedMs;
    if (ranMs >= RECOVERED_MS) quickRestarts = 0;
    const delayMs =
      wanted === 'up' ? restartDelayMs(record.spec.restart, { exitCode, ranMs, quickRestarts }) : undefined;
    running = undefined;
    const state = delayMs === undefined ? 'exited' : 'restarting';
    change({ state, exitCode, finishedAt: stamp(), process: undefined, phase: undefined });
    tell('exited', exitCode);
    if (delayMs !== undefined) timer = setTimeout(() => void restart(), delayMs);
  };

  const restart = async () => {
    timer = undefined;
    quickRestarts++;
    change({ restarts: record.restarts + 1 });
    // A failure stands in the record, and the next try has its own back-off.
    await launch('restarted').catch(() => onEnd(127));
  };

  const launch = (type: 'started' | 'restarted'): Promise<void> => {
    starting = attempt(type).finally(() => {
      starting = undefined;
    });
    return starting;
  };

  const attempt = async (type: 'started' | 'restarted') => {
    startedMs = Number.POSITIVE_INFINITY;
    try {
      placeFiles(record.spec);
      const isCancelled = () => wanted === 'down';
      await runSetup(record.spec, { onLines, onProcess: (child) => note(child, 'setup'), isCancelled });
      if (isCancelled()) throw new Error('stopped before it was started');
      await run();
      tell(type);
    } catch (error) {
      change({ error: messageOf(error), process: undefined, phase: undefined });
      throw error;
    }
  };

  const run = async () => {
    const { reader, ends } = openOutput(paths.pipes, id, onLines);
    let child: ChildProcess;
    try {
      child = await spawnGroup(record.spec, record.spec.argv, ['ignore', ...ends.descriptors]);
    } catch (error) {
      reader.close();
      throw error;
    } finally {
      ends.close();
    }
    const exited = new Promise<number>((resolve) =>
      child.once('exit', (code, signal) => resolve(exitCodeOf(code, signal))),
    );
    startedMs = performance.now();
    note(child, 'run');
    change({ state: 'running', startedAt: stamp(), finishedAt: undefined, exitCode: undefined, error: undefined });
    running = exited.then((code) => finish(reader, code));
  };

  const stop = async (graceMs: number) => {
    wanted = 'down';
    if (timer !== undefined) {
      clearTimeout(timer);
      timer = undefined;
      change({ state: 'exited' });
    }
    const current = group();
    if (current !== undefined) signalGroup(current, record.phase === 'setup' ? 'SIGKILL' : record.spec.stopSignal);
    await starting?.catch(() => {});
    // A setup that ended in between may have been followed by the program itself.
    const later = group();
    if (later !== undefined && later.leader.pid !== current?.leader.pid) signalGroup(later, record.spec.stopSignal);
    if (running === undefined) return;
    await Promise.race([running, pause(graceMs)]);
    const stubborn = group();
    if (stubborn !== undefined) signalGroup(stubborn, 'SIGKILL');
    await running;
  };

  return {
    record: () => record,
    log,
    stop,
    put: (spec) => change({ spec }),
    async start(spec) {
      if (running !== undefined) return;
      if (starting !== undefined) return starting;
      clearTimeout(timer);
      timer = undefined;
      wanted = 'up';
      quickRestarts = 0;
      change({ spec, restarts: 0, error: undefined });
      return launch('started').catch((error: unknown) => {
        wanted = 'down';
        change({ state: record.state === 'running' ? 'running' : 'exited', exitCode: 127, finishedAt: stamp() });
        throw error;
      });
    },
    async adopt() {
      const orphan = group();
      if (orphan === undefined || record.phase === 'setup' || !isAlive(orphan.leader)) {
        if (orphan !== undefined) signalGroup(orphan, 'SIGKILL');
        endMarked(id);
        const stood = record.state === 'created' || record.state === 'exited';
        const state = stood ? record.state : 'exited';
        change({ state, process: undefined, phase: undefined, finishedAt: stood ? record.finishedAt : stamp() });
        return;
      }
      wanted = 'up';
      const reader = readOutput(paths.pipes, id, onLines);
      change({ state: 'running' });
      running = ending(orphan).then(() => finish(reader, undefined));
    },
    async remove() {
      await stop(record.spec.stopGraceMs);
      log.close();
      rmSync(logFolder, { recursive: true, force: true });
      removeOutput(paths.pipes, id);
      tell('removed');
    },
  };
}

async function ending(group: GroupIdentity): Promise<void> {
  while (isAlive(group.leader)) await pause(LOOK_MS);
  // Its children hold its output open; they are no part of what was asked for.
  if (groupMembers(group).length > 0) signalGroup(group, 'SIGKILL');
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds).unref();
  });
}
