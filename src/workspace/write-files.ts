import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { attempt, temporaryNameOf, writeFileWhole } from './state-folder.ts';

export interface TextFile {
  /** Relative to the root, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

/**
 * Writes files below a root. A folder that is not there yet is written under a temporary name and renamed as a whole,
 * which takes a third of the time of renaming each file; in all others each file is renamed. Either way a reader sees
 * whole files only.
 *
 * @throws MeshError MESH2011, with no half-written file left behind
 */
export function writeFiles(root: string, files: readonly TextFile[]): void {
  const newFolderOf = findNewFolders(root);
  const newFolders = new Map<string, TextFile[]>();
  for (const file of files) {
    const folder = newFolderOf(file.path);
    const inFolder = newFolders.get(folder ?? '');
    if (folder === undefined) writeFile(root, file);
    else if (inFolder === undefined) newFolders.set(folder, [file]);
    else inFolder.push(file);
  }
  for (const [folder, inFolder] of newFolders) writeFolder(root, folder, inFolder);
}

/** Path of a file → the outermost of its folders that does not exist. Each folder is looked for once. */
export function findNewFolders(root: string): (file: string) => string | undefined {
  const known = new Map<string, string | undefined>([['.', undefined]]);
  const search = (folder: string): string | undefined => {
    if (known.has(folder)) return known.get(folder);
    const exists = () => existsSync(path.join(root, folder));
    const found = search(path.posix.dirname(folder)) ?? (exists() ? undefined : folder);
    known.set(folder, found);
    return found;
  };
  return (file) => search(path.posix.dirname(file));
}

function writeFile(root: string, file: TextFile): void {
  writeFileWhole(path.join(root, file.path), file.text);
}

function writeFolder(root: string, folder: string, files: readonly TextFile[]): void {
  const target = path.join(root, folder);
  const temporary = temporaryNameOf(target);
  attempt(target, () => {
    try {
      // What a run left that was killed would else become a part of it.
      rmSync(temporary, { recursive: true, force: true });
      fillFolder(temporary, folder, files);
      renameSync(temporary, target);
    } catch (error) {
      rmSync(temporary, { recursive: true, force: true });
      if (!existsSync(target)) throw error;
      // Somebody made it meanwhile, and what else they put there is theirs.
      for (const file of files) writeFile(root, file);
    }
  });
}

function fillFolder(absolute: string, folder: string, files: readonly TextFile[]): void {
  const made = new Set<string>();
  for (const { path: file, text } of files) {
    const own = path.join(absolute, path.posix.relative(folder, file));
    const parent = path.dirname(own);
    if (!made.has(parent)) mkdirSync(parent, { recursive: true });
    made.add(parent);
    writeFileSync(own, text, { mode: 0o644 });
  }
}
