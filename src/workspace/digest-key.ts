import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { openStateFolder, readFileIfThere, STATE_FOLDER, writeFileWhole } from './state-folder.ts';

/**
 * The key of the digests that tell whether a secret changed. Without it, a short secret could be guessed from its
 * digest by trying.
 *
 * @param mode `make` writes a missing key; `read` gives an empty one, so that looking does not write
 */
export function digestKey(root: string, mode: 'make' | 'read'): string {
  const file = path.join(root, STATE_FOLDER, 'digest-key');
  const found = readFileIfThere(file)?.trim();
  if (found !== undefined && found !== '') return found;
  if (mode === 'read') return '';
  const made = randomBytes(32).toString('hex');
  openStateFolder(root);
  writeFileWhole(file, `${made}\n`, 0o600);
  return made;
}
