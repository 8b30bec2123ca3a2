import { isRunning } from './observe-records.ts';
import { projectPaths, projectsOf } from './state/project-paths.ts';
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
