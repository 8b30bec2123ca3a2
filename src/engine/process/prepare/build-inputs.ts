import { createHash } from 'node:crypto';
import { type Dirent, readdirSync, statSync } from 'node:fs';
import path from 'node:path';

/** Folders that hold results, downloads or history. */
const NEVER_INPUTS: ReadonlySet<string> = new Set(['node_modules', '.git', '.mesh', 'bin', 'obj', '.vs', 'coverage']);

/**
 * A digest of the names, sizes and times of all files of a folder that a build can read. Contents are not read: the
 * digest is taken by every command that looks at the state of services.
 */
export function digestInputs(folder: string, results: readonly string[]): string {
  const hash = createHash('sha256');
  const skipped = new Set([...NEVER_INPUTS, ...results]);
  const walk = (relative: string) => {
    for (const entry of sortedEntries(path.join(folder, relative))) {
      if (skipped.has(entry.name)) continue;
      const name = path.join(relative, entry.name);
      if (entry.isDirectory()) walk(name);
      else hash.update(`${name}\0${stampOf(path.join(folder, name))}\n`);
    }
  };
  walk('');
  return hash.digest('hex').slice(0, 16);
}

/** Of one file; `none` when it does not exist. */
export function stampOf(file: string): string {
  const found = statSync(file, { throwIfNoEntry: false });
  return found === undefined ? 'none' : `${found.size}/${found.mtimeMs}`;
}

function sortedEntries(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch {
    return [];
  }
}
