import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';

/** A lock that was had, or the process id of the living one that has it. */
export type Attempt = { readonly lock: Disposable } | { readonly holder: number };

/**
 * Takes a lock: a file with the holder's process id. A holder that is gone leaves a stale file, which is taken over.
 * Nothing when the file keeps coming back though nobody living stands in it.
 */
export function tryLock(file: string): Attempt | undefined {
  for (let attempt = 0; attempt < 3; attempt++) {
    if (takeFile(file)) return { lock: { [Symbol.dispose]: () => rmSync(file, { force: true }) } };
    const seen = readText(file);
    const holder = processIdOf(seen);
    if (holder !== undefined && isAlive(holder)) return { holder };
    if (seen !== undefined) takeAway(file, seen);
  }
  return undefined;
}

/** Appears with its content or not at all: a lock that is read half written would count as stale. */
function takeFile(file: string): boolean {
  const own = `${file}.${process.pid}`;
  writeFileSync(own, String(process.pid), { mode: 0o600 });
  try {
    linkSync(own, file);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(own, { force: true });
  }
}

/** Of several that saw the same stale file, one gets to rename it; a fresh one that came in between is put back. */
function takeAway(file: string, seen: string): void {
  const aside = `${file}.${process.pid}.stale`;
  try {
    renameSync(file, aside);
    if (readFileSync(aside, 'utf8') !== seen) linkSync(aside, file);
  } catch {
    // Gone already, or taken again.
  } finally {
    rmSync(aside, { force: true });
  }
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function processIdOf(text: string | undefined): number | undefined {
  const pid = Number(text);
  return Number.isInteger(pid) && pid > 0 ? pid : undefined;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return pid !== process.pid;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
