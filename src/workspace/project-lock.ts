import path from 'node:path';
import { MeshError } from '../diagnostics/mesh-error.ts';
import { tryLock } from './file-lock.ts';
import { attempt, openStateFolder } from './state-folder.ts';

/**
 * One command at a time may change a project.
 *
 * @throws MeshError MESH2008 when a living process holds it, MESH2011 when its file cannot be written
 */
export function lockProject(root: string, project: string): Disposable {
  const file = path.join(openStateFolder(root), `lock-${project}`);
  const tried = attempt(file, () => tryLock(file));
  if (tried === undefined) {
    throw new MeshError(`cannot lock ${project}: ${file} keeps coming back`, { code: 'MESH2008' });
  }
  if ('lock' in tried) return tried.lock;
  throw new MeshError(`another mesh command (pid ${tried.holder}) is changing ${project}`, {
    code: 'MESH2008',
    hint: `wait for it, or end it: kill ${tried.holder}`,
  });
}
