import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { MeshError } from '../diagnostics/mesh-error.ts';
import { openStateFolder } from './state-folder.ts';

/**
 * One command at a time may change a project. The lock is a file with the holder's process id; a holder that is gone
 * leaves a stale file, which the next command takes over.
 *
 * @throws MeshError MESH2008 when a living process holds it
 */
export function lockProject(root: string, project: string): Disposable {
  const file = path.join(openStateFolder(root), `lock-${project}`);
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      takeFile(file);
      return { [Symbol.dispose]: () => rmSync(file, { force: true }) };
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
      const holder = readHolder(file);
      if (holder !== undefined && isAlive(holder)) {
        throw new MeshError(`another mesh command (pid ${holder}) is changing ${project}`, {
          code: 'MESH2008',
          hint: `wait for it, or end it: kill ${holder}`,
        });
      }
      rmSync(file, { force: true });
    }
  }
  throw new MeshError(`cannot lock ${project}: ${file} keeps coming back`, { code: 'MESH2008' });
}

/** Appears with its content or not at all: a lock that is read half written would count as stale. */
function takeFile(file: string): void {
  const own = `${file}.${process.pid}`;
  writeFileSync(own, String(process.pid), { mode: 0o600 });
  try {
    linkSync(own, file);
  } finally {
    rmSync(own, { force: true });
  }
}

function readHolder(file: string): number | undefined {
  try {
    const pid = Number(readFileSync(file, 'utf8'));
    return Number.isInteger(pid) && pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return pid !== process.pid;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
