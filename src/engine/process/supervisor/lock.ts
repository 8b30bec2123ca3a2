import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import type { ProcessIdentity } from '../process-spec.ts';
import { identify, isAlive } from '../state/process-table.ts';
import { readJson } from '../state/state-file.ts';

/**
 * Only one supervisor may own a project: two would start everything twice. False when a living one holds the lock.
 * A dead holder's lock is taken away by renaming it, which only one of several contenders can do.
 */
export function takeLock(file: string): boolean {
  // Linked into place with its text in it: one that is empty for a moment would seem nobody's.
  const own = `${file}.${process.pid}.own`;
  try {
    writeFileSync(own, JSON.stringify(identify(process.pid)), { mode: 0o600 });
    for (let attempt = 0; attempt < 5; attempt++) {
      if (linked(own, file)) return true;
      if (isHeld(file)) return false;
      takeAway(file);
    }
    return false;
  } finally {
    rmSync(own, { force: true });
  }
}

function linked(own: string, file: string): boolean {
  try {
    linkSync(own, file);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

/** Whether a living supervisor holds it. */
export function isHeld(file: string): boolean {
  const holder = readLock(file);
  return holder !== undefined && isAlive(holder);
}

export function readLock(file: string): ProcessIdentity | undefined {
  const value = readJson(file);
  return isIdentity(value) ? value : undefined;
}

/** Whether it is ours; otherwise another supervisor took over, or the folder was removed. */
export function isOurs(file: string): boolean {
  return readLock(file)?.pid === process.pid;
}

function takeAway(file: string): void {
  const aside = `${file}.${process.pid}`;
  try {
    const seen = readFileSync(file, 'utf8');
    renameSync(file, aside);
    // Somebody else may have taken the stale one away and put his own there since we looked.
    if (readFileSync(aside, 'utf8') !== seen) linkSync(aside, file);
  } catch {
    // Gone already.
  } finally {
    rmSync(aside, { force: true });
  }
}

function isIdentity(value: unknown): value is ProcessIdentity {
  return (
    typeof value === 'object' &&
    value !== null &&
    'pid' in value &&
    typeof value.pid === 'number' &&
    'startedAt' in value &&
    typeof value.startedAt === 'string'
  );
}
