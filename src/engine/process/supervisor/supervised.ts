import { rmSync } from 'node:fs';
import path from 'node:path';
import { messageOf } from '../../../diagnostics/mesh-error.ts';
import { type LogFile, openLogFile } from '../logs/log-file.ts';
import type { StoredLine } from '../logs/stored-line.ts';
import type { ProcessRecord, ProcessSpec } from '../process-spec.ts';
import { type GroupIdentity, signalGroup } from '../state/process-group.ts';
import { isAlive } from '../state/process-table.ts';
import type { ProjectPaths } from '../state/project-paths.ts';
import { placeFiles } from './launch.ts';
import { removeOutput } from './output-pipes.ts';
import type { SupervisorEvent } from './protocol.ts';
import { RECOVERED_MS, restartDelayMs } from './restart-delay.ts';
import { runSetup } from './run-setup.ts';
import { adoptProcess, identityOf, pause, type RunningProcess, runProcess } from './running-process.ts';

export interface SupervisedContext {
  readonly paths: ProjectPaths;
  readonly stamp: () => string;
  readonly onChange: () => void;
  readonly onEvent: (event: SupervisorEvent) => void;
  /** It stands still: nothing comes from it any more until it is started on request. */
  readonly onStandstill: (id: string) => void;
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
  readonly adopt: () => void;
  readonly remove: () => Promise<void>;
  readonly log: LogFile;
}

export function createSupervised(initial: ProcessRecord, context: SupervisedContext): Supervised {
  const { paths, stamp } = context;
  const { id } = initial.spec;
  const logFolder = path.join(paths.logs, id);
  const log = openLogFile(logFolder);
  let record = initial;
  let wanted: 'up' | 'down' = 'down';
  let quickRestarts = 0;
  /** When the grace of a stop is over. */
  let stopBy = 0;
  let startedMs = Number.POSITIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;
  let starting: Promise<void> | undefined;
  /** Settles when the process that runs now has ended and that is known to all. */
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

  const output = { pipes: paths.pipes, onLines, hasGrace: () => wanted === 'down' && performance.now() < stopBy };
  const attend = (program: RunningProcess) => {
    running = program.ended.then(onEnd);
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
    // One that is about to be restarted still has something to say.
    if (delayMs === undefined) context.onStandstill(id);
    else timer = setTimeout(() => void restart(), delayMs);
  };

  const restart = async () => {
    timer = undefined;
    quickRestarts++;
    change({ restarts: record.restarts + 1 });
    // A failure stands in the record, and the next try has its own back-off.
    await launch().catch(() => onEnd(127));
  };

  const launch = (): Promise<void> => {
    starting = attempt().finally(() => {
      starting = undefined;
    });
    return starting;
  };

  const attempt = async () => {
    startedMs = Number.POSITIVE_INFINITY;
    try {
      placeFiles(record.spec);
      const isCancelled = () => wanted === 'down';
      await runSetup(record.spec, {
        onLines,
        onProcess: (child) => change({ process: identityOf(child), phase: 'setup' }),
        isCancelled,
      });
      if (isCancelled()) throw new Error('stopped before it was started');
      const program = await runProcess(record.spec, output);
      startedMs = performance.now();
      const { process } = program;
      const fresh = { startedAt: stamp(), finishedAt: undefined, exitCode: undefined, error: undefined };
      change({ state: 'running', process, phase: 'run', ...fresh });
      attend(program);
      tell('started');
    } catch (error) {
      change({ error: messageOf(error), process: undefined, phase: undefined });
      throw error;
    }
  };

  const stop = async (graceMs: number) => {
    wanted = 'down';
    stopBy = performance.now() + graceMs;
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
      if (starting !== undefined) return starting;
      if (running !== undefined && wanted === 'up') return;
      // One that is being stopped has to be gone before it can come again.
      await running;
      clearTimeout(timer);
      timer = undefined;
      wanted = 'up';
      quickRestarts = 0;
      change({ spec, restarts: 0, error: undefined });
      return launch().catch((error: unknown) => {
        wanted = 'down';
        change({ state: record.state === 'running' ? 'running' : 'exited', exitCode: 127, finishedAt: stamp() });
        context.onStandstill(id);
        throw error;
      });
    },
    adopt() {
      const orphan = group();
      if (orphan !== undefined && record.phase === 'run' && isAlive(orphan.leader)) {
        wanted = 'up';
        change({ state: 'running' });
        attend(adoptProcess(orphan, output));
        return;
      }
      // Half a setup begins again with the next start; and what a leader left behind has no place without it.
      if (orphan !== undefined) signalGroup(orphan, 'SIGKILL');
      const stood = record.state === 'created' || record.state === 'exited';
      const finishedAt = stood ? record.finishedAt : stamp();
      change({ state: stood ? record.state : 'exited', process: undefined, phase: undefined, finishedAt });
    },
    async remove() {
      await stop(record.spec.stopGraceMs);
      log.close();
      rmSync(logFolder, { recursive: true, force: true });
      removeOutput(paths.pipes, id);
      tell('removed');
      context.onStandstill(id);
    },
  };
}
