import path from 'node:path/posix';

/** A path as it is written in a project file, seen from a folder: backslashes are MSBuild's usual form. */
export function resolvePath(folder: string, written: string): string {
  const clean = written.trim().replaceAll('\\', '/');
  return path.normalize(/^([A-Za-z]:)?\//.test(clean) ? clean : path.join(folder, clean)).replace(/(.)\/$/, '$1');
}

/** Whether a path lies in a folder, or is that folder. Both are absolute, or relative to the same place. */
export function isInside(folder: string, candidate: string): boolean {
  const relative = path.relative(folder, candidate);
  return relative !== '..' && !relative.startsWith('../') && !path.isAbsolute(relative);
}

/** The folder and those above it, up to and with the last one, in which it must lie. */
export function foldersUpTo(folder: string, last: string): string[] {
  const folders = [];
  for (let next = folder; isInside(last, next); next = path.dirname(next)) {
    folders.push(next);
    if (next === path.dirname(next)) break;
  }
  return folders;
}
