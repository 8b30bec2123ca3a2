import { linkSync, readFileSync, readlinkSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { MeshError } from '../diagnostics/mesh-error.ts';
import { attempt, openStateFolder } from './state-folder.ts';

/**
 * One command at a time may change a project. The lock is a file with the holder's process id; a holder that is gone
 * leaves a stale file, which the next command takes over. On a full disk it is a link to that id, which takes no block:
 * what runs can be taken down there, too.
 *
 * @throws MeshError MESH2008 when a living process holds it, MESH2011 when its file cannot be written
 */
export function lockProject(root: string, project: string): Disposable {
  const file = path.join(openStateFolder(root), `lock-${project}`);
  for (let tries = 0; tries < 3; tries++) {
    if (attempt(file, () => takeFile(file))) return { [Symbol.dispose]: () => rmSync(file, { force: true }) };
    const found = readText(file);
    const holder = holderOf(found);
    if (holder !== undefined && isAlive(holder)) {
      throw new MeshError(`another mesh command (pid ${holder}) is changing ${project}`, {
        code: 'MESH2008',
        hint: `wait for it, or end it: kill ${holder}`,
      });
    }
    takeAway(file, found);
  }
  throw new MeshError(`cannot lock ${project}: ${file} keeps coming back`, { code: 'MESH2008' });
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

function holderOf(text: string): number | undefined {
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
