import type { Clock } from '../../time/clock.ts';
import { DeadlinePassed, until } from '../../time/until.ts';
import { strays } from './left-project.ts';
import { isRunning, verifiedRecords } from './observe-records.ts';
import { groupFamily, signalProcesses } from './state/process-group.ts';
import { projectPaths, projectsOf } from './state/project-paths.ts';
import { readRecords } from './state/state-file.ts';
import { isHeld } from './supervisor/lock.ts';

/** Processes of a project that run though their supervisor is gone. */
export interface Orphans {
  readonly project: string;
  /** Process ids. */
  readonly processes: readonly number[];
}

/** Those of all projects of a folder. Starts nothing; a supervisor that lives has no orphans. */
export function findOrphans(root: string): Orphans[] {
  return projectsOf(root).flatMap((project): Orphans[] => {
    const paths = projectPaths(root, project);
    if (isHeld(paths.lock)) return [];
    const recorded = verifiedRecords(readRecords(paths.state))
      .filter(isRunning)
      .flatMap(({ spec, process }) =>
        process === undefined ? [] : groupFamily({ leader: process, instance: spec.id }).map(({ pid }) => pid),
      );
    const processes = [...new Set([...recorded, ...strays(root, project)])].sort((a, b) => a - b);
    return processes.length === 0 ? [] : [{ project, processes }];
  });
}

/** What a program is given to end in good order: as long as Compose gives it. */
const GRACE_MS = 10_000;

/** Asks them to end, and kills what does not. Gives those that are there all the same, such as another user's. */
export async function endOrphans(root: string, orphans: readonly Orphans[], clock: Clock): Promise<Orphans[]> {
  const pids = orphans.flatMap(({ processes }) => processes);
  signalProcesses(pids, 'SIGTERM');
  const gone = async () => (findOrphans(root).length === 0 ? true : undefined);
  try {
    await until(gone, { clock, backoff: { firstMs: 20, factor: 1.5, maxMs: 250 }, withinMs: GRACE_MS });
  } catch (error) {
    if (!(error instanceof DeadlinePassed)) throw error;
    signalProcesses(pids, 'SIGKILL');
    await clock.sleep(100);
  }
  return findOrphans(root);
}
