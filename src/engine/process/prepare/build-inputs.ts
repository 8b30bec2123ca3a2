import { createHash } from 'node:crypto';
import { type Dirent, readdirSync, statSync } from 'node:fs';
import path from 'node:path';

/** Folders that hold downloads, history or state, wherever they stand. */
const NEVER_INPUTS: ReadonlySet<string> = new Set(['node_modules', '.git', '.mesh', '.vs', '.idea', 'coverage']);

/** What mesh itself writes beside a manifest, and the manifest. */
const OF_MESH = ['mesh.yaml', 'compose', 'dockerfiles', 'k8s', 'helm'];

export interface InputRules {
  /** Names at the top of the folder that are results. */
  readonly results?: readonly string[] | undefined;
  /** Names of result folders at any depth. */
  readonly resultsAnywhere?: readonly string[] | undefined;
}

/**
 * A digest of the names, sizes and times of all files of a folder that a build can read. Contents are not read: the
 * digest is taken by every command that looks at the state of services.
 */
export function digestInputs(folder: string, rules: InputRules): string {
  const hash = createHash('sha256');
  const nowhere = new Set([...NEVER_INPUTS, ...(rules.resultsAnywhere ?? [])]);
  const notAtTop = new Set([...OF_MESH, ...(rules.results ?? [])]);
  const walk = (relative: string) => {
    for (const entry of sortedEntries(path.join(folder, relative))) {
      if (nowhere.has(entry.name) || (relative === '' && notAtTop.has(entry.name))) continue;
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
