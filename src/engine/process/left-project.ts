import { existsSync, readlinkSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { Clock } from '../../time/clock.ts';
import { DeadlinePassed, until } from '../../time/until.ts';
import { verifiedRecords } from './observe-records.ts';
import { endProcesses, markedOfProject } from './state/process-group.ts';
import { type ProjectPaths, projectPaths } from './state/project-paths.ts';
import { readRecords } from './state/state-file.ts';

/** How many nodes of a project run, and how many it has, as its files and the process table tell. Starts nothing. */
export function countNodes(root: string, project: string): { readonly running: number; readonly nodes: number } {
  const records = verifiedRecords(readRecords(projectPaths(root, project).state));
  const namesOf = (some: typeof records) => new Set(some.map(({ spec }) => spec.node)).size;
  return { running: namesOf(records.filter(({ state }) => state === 'running')), nodes: namesOf(records) };
}

/** What a project left on this machine though its folder is gone. */
export interface LeftProject {
  /** Process ids. */
  readonly processes: readonly number[];
  /** Absolute paths of data that lies outside of the folder. */
  readonly folders: readonly string[];
}

export function findLeftProject(root: string, project: string): LeftProject {
  const paths = projectPaths(root, project);
  return { processes: strays(root, project), folders: [paths.sharedData].filter((folder) => existsSync(folder)) };
}

/** A supervisor stops what it runs as soon as it sees that its folder is gone; so it gets the time to do it in good order. */
const SUPERVISOR_MS = 5000;

/** Ends what still runs, and removes the data. */
export async function removeLeftProject(root: string, project: string, clock: Clock): Promise<void> {
  const paths = projectPaths(root, project);
  const gone = async () => (strays(root, project).length === 0 ? true : undefined);
  try {
    await until(gone, { clock, backoff: { firstMs: 20, factor: 1.5, maxMs: 250 }, withinMs: SUPERVISOR_MS });
  } catch (error) {
    if (!(error instanceof DeadlinePassed)) throw error;
    endProcesses(strays(root, project));
  }
  for (const folder of outsideFolders(paths)) rmSync(folder, { recursive: true, force: true });
}

function outsideFolders({ sharedData, socket, folder }: ProjectPaths): string[] {
  return [sharedData, ...(socket.startsWith(folder) ? [] : [socket])];
}

/** Living processes of a project: the mark tells the project, and the working folder which of several with that name. */
export function strays(root: string, project: string): number[] {
  const { sharedData } = projectPaths(root, project);
  return markedOfProject(project).filter((pid) =>
    [root, sharedData].some((folder) => `${workingFolderOf(pid)}${path.sep}`.startsWith(folder + path.sep)),
  );
}

/** Of a folder that was removed, Linux gives the name with a word behind it. */
function workingFolderOf(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`).replace(/ \(deleted\)$/, '');
  } catch {
    return '';
  }
}
