import { readdirSync } from 'node:fs';
import path from 'node:path';
import { strays } from './left-project.ts';
import { isRunning, verifiedRecords } from './observe-records.ts';
import { endProcesses, groupFamily } from './state/process-group.ts';
import { projectPaths } from './state/project-paths.ts';
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
  return projectsIn(path.join(root, '.mesh', 'process')).flatMap((project): Orphans[] => {
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

export function endOrphans(orphans: readonly Orphans[]): void {
  for (const { processes } of orphans) endProcesses(processes);
}

function projectsIn(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name);
  } catch {
    return [];
  }
}
