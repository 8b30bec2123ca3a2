import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { ProcessIdentity } from '../process-spec.ts';
import { type ProcessInfo, readProcess, readProcesses } from './process-table.ts';

/** Every process that we start carries the id of its instance under this name, and so do its children. */
export const MARK = 'MESH_PROCESS';

/** What is known of a group whose leader we started. */
export interface GroupIdentity {
  readonly leader: ProcessIdentity;
  readonly instance: string;
}

/**
 * The living processes of a group. Where the leader is gone its id may since have led another group, so each member
 * must then carry the mark of the instance; where marks cannot be read, nobody is taken for one.
 */
export function groupMembers(group: GroupIdentity): ProcessInfo[] {
  const leader = readProcess(group.leader.pid);
  if (leader !== undefined && leader.startedAt !== group.leader.startedAt) return [];
  const members = readProcesses().filter((info) => info.group === group.leader.pid && !info.zombie);
  return leader === undefined ? members.filter((info) => carriesMark(info.pid, group.instance)) : members;
}

/** The members of a group and all that descends from them, which may have made groups of their own. */
export function groupFamily(group: GroupIdentity): ProcessInfo[] {
  const all = readProcesses();
  const family = new Map(groupMembers(group).map((info) => [info.pid, info]));
  for (let before = -1; before !== family.size; ) {
    before = family.size;
    for (const info of all) if (family.has(info.parent) && !info.zombie) family.set(info.pid, info);
  }
  return [...family.values()];
}

/** Sends a signal to the whole group, when it is still the one that we started. False when nobody was there. */
export function signalGroup(group: GroupIdentity, signal: NodeJS.Signals): boolean {
  if (groupMembers(group).length === 0) return false;
  try {
    process.kill(-group.leader.pid, signal);
    return true;
  } catch {
    return false;
  }
}

/**
 * The living processes that carry the mark of one of these instances. For what no record tells of: a supervisor that
 * was killed right after it started a program, or that could not write on a full disk.
 */
export function markedProcesses(instances: readonly string[]): number[] {
  if (process.platform !== 'linux' || instances.length === 0) return [];
  const marks = new Set(instances.map((instance) => `${MARK}=${instance}`));
  return readProcesses()
    .filter((info) => !info.zombie && environmentOf(info.pid).some((entry) => marks.has(entry)))
    .map((info) => info.pid);
}

/** The living processes that carry the mark of any instance of a project; another folder may have one of that name. */
export function markedOfProject(project: string): number[] {
  if (process.platform !== 'linux') return [];
  // Instance ids are the project, a dot, and something without dots.
  const mark = new RegExp(`^${MARK}=${project}\\.[^.]+$`);
  return readProcesses()
    .filter((info) => !info.zombie && environmentOf(info.pid).some((entry) => mark.test(entry)))
    .map((info) => info.pid);
}

/** Ends the processes of these instances. */
export function endMarked(instances: readonly string[]): void {
  endProcesses(markedProcesses(instances));
}

export function endProcesses(pids: readonly number[]): void {
  signalProcesses(pids, 'SIGKILL');
}

export function signalProcesses(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      // It ended by itself, or is another user's.
    }
  }
}

function carriesMark(pid: number, instance: string): boolean {
  return environmentOf(pid).includes(`${MARK}=${instance}`);
}

/** Empty when it cannot be read: the process is another user's, or has ended. */
function environmentOf(pid: number): string[] {
  try {
    if (process.platform === 'linux') return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
    // Elsewhere ps shows the environment behind the command line, to its owner.
    return execFileSync('ps', ['eww', '-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).split(/\s+/);
  } catch {
    return [];
  }
}
