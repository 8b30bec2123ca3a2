import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { MeshError, messageOf } from '../diagnostics/mesh-error.ts';

/** What mesh remembers on this machine; beside the manifest, private to the user, ignored by git. */
export const STATE_FOLDER = '.mesh';

/** The state folder of a project root, made when it is missing. It ignores itself, so no .gitignore has to be edited. */
export function openStateFolder(root: string): string {
  const folder = path.join(root, STATE_FOLDER);
  const ignore = path.join(folder, '.gitignore');
  if (existsSync(ignore)) return folder;
  attempt(folder, () => {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    chmodSync(folder, 0o700);
  });
  // Half of it, as a full disk leaves it, would count as there and ignore nothing.
  writeFileWhole(ignore, '# What mesh remembers on this machine, secrets included. Never commit it.\n*\n');
  return folder;
}

/** Written to a temporary name and renamed: a reader sees the old text or the new one, never half of it. */
export function writeFileWhole(file: string, text: string, mode = 0o644): void {
  const temporary = temporaryNameOf(file);
  attempt(file, () => {
    try {
      writeInFolder(temporary, text, mode);
      renameSync(temporary, file);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    }
  });
}

/** Beside it, so that renaming moves nothing, and not that of another process. */
export function temporaryNameOf(file: string): string {
  return `${file}.${process.pid}.tmp`;
}

/** The folder is there for most files; to make sure of it first would cost as much as the file. */
function writeInFolder(file: string, text: string, mode: number): void {
  try {
    writeFileSync(file, text, { mode });
  } catch (error) {
    if (!isMissing(error)) throw error;
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text, { mode });
  }
}

/** The text of a file, or `undefined` when it does not exist. */
export function readFileIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw unreadable(file, error);
  }
}

/** JSON that we wrote ourselves. What cannot be read counts as not there: state can always be made again. */
export function readState<T>(file: string, isValid: (value: unknown) => value is T): T | undefined {
  const text = readFileIfThere(file);
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isValid(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

export function writeState(file: string, value: unknown): void {
  writeFileWhole(file, `${JSON.stringify(value, null, 1)}\n`, 0o600);
}

/** For what is only kept to be faster next time: on a full disk a command goes on without, `down` above all. */
export function writeCache(file: string, value: unknown): void {
  try {
    writeState(file, value);
  } catch {
    // Made anew by the next command.
  }
}

export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}

/** @throws MeshError MESH2011 for whatever the file system says */
export function attempt<T>(file: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw unreadable(file, error);
  }
}

function unreadable(file: string, error: unknown): MeshError {
  return new MeshError(`${file}: ${messageOf(error)}`, {
    code: 'MESH2011',
    hint: 'check that the folder exists, is yours to write, and that the disk has room',
    cause: error,
  });
}
