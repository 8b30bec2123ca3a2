import { readdirSync } from 'node:fs';
import path from 'node:path';
import { isRunning } from './observe-records.ts';
import { projectPaths } from './state/project-paths.ts';
import { readRecords } from './state/state-file.ts';

/** The instance of any project of this folder that has the port, in words; nothing when it is none of these. */
export function findPortHolder(root: string, port: number): string | undefined {
  for (const project of projectsOf(root)) {
    const records = readRecords(projectPaths(root, project).state).filter(isRunning);
    const holder = records.find(({ spec }) => spec.ports.some((published) => published.hostPort === port));
    if (holder !== undefined) return `${holder.spec.name} of project ${project}`;
  }
  return undefined;
}

function projectsOf(root: string): string[] {
  try {
    const entries = readdirSync(path.join(root, '.mesh', 'process'), { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  } catch {
    return [];
  }
}
