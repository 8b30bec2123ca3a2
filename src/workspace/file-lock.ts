import { linkSync, readFileSync, readlinkSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';

/** A lock that was had, or the process id of the living one that has it. */
export type Attempt = { readonly lock: Disposable } | { readonly holder: number };

/**
 * Takes a lock: a file with the holder's process id. A holder that is gone leaves a stale file, which is taken over. On
 * a full disk it is a link to that id, which takes no block: what runs can be taken down there, too. Nothing when the
 * file keeps coming back though nobody living stands in it.
 */
export function tryLock(file: string): Attempt | undefined {
  for (let tries = 0; tries < 3; tries++) {
    if (takeFile(file)) return { lock: { [Symbol.dispose]: () => rmSync(file, { force: true }) } };
    const seen = readText(file);
    const holder = processIdOf(seen);
    if (holder !== undefined && isAlive(holder)) return { holder };
    takeAway(file, seen);
  }
  return undefined;
}

/** Appears with its content or not at all: a lock that is read half written would count as stale. */
function takeFile(file: string): boolean {
  const own = `${file}.${process.pid}`;
  try {
    writeFileSync(own, String(process.pid), { mode: 0o600 });
    linkSync(own, file);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    if (codeOf(error) !== 'ENOSPC') throw error;
    return takeLink(file, error);
  } finally {
    rmSync(own, { force: true });
  }
}

function takeLink(file: string, full: unknown): boolean {
  try {
    symlinkSync(String(process.pid), file);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw full;
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

/** Of two commands that find the same stale lock, the later one must not remove what the earlier one put in its place. */
function takeAway(file: string, stale: string): void {
  const aside = `${file}.${process.pid}.stale`;
  try {
    renameSync(file, aside);
    if (readText(aside) !== stale) linkSync(aside, file);
  } catch {
    // Gone already, or taken anew: the next try shows it.
  } finally {
    rmSync(aside, { force: true });
  }
}

function readText(file: string): string {
  for (const read of [() => readFileSync(file, 'utf8'), () => readlinkSync(file)]) {
    try {
      return read();
    } catch {
      // Of the other form, or gone.
    }
  }
  return '';
}

function processIdOf(text: string): number | undefined {
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
