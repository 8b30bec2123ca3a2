import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';

/** The copy of the sources that a folder is in. */
export interface FoundCheckout {
  /** Absolute path of the folder that has `.git`; the folder itself outside of git. */
  readonly top: string;
  /** The name of the linked git worktree; missing in a main one. */
  readonly worktree: string | undefined;
}

/**
 * Finds out without git, which need not be there and takes longer than all else: in a linked worktree `.git` is a file
 * that says `gitdir: …/worktrees/<name>` (gitrepository-layout(5)); in a submodule of one, more follows behind the name.
 */
export function findCheckout(folder: string): FoundCheckout {
  for (let top = folder; ; top = path.dirname(top)) {
    const found = gitEntry(path.join(top, '.git'));
    if (found !== undefined) return { top, worktree: found === 'folder' ? undefined : worktreeOf(found.text) };
    if (path.dirname(top) === top) return { top: folder, worktree: undefined };
  }
}

/** Only at the end: a plain clone may well lie in a folder that is called `worktrees`. */
function worktreeOf(text: string): string | undefined {
  const target = /^gitdir:\s*(.+?)\s*$/m.exec(text)?.[1]?.replaceAll('\\', '/');
  return target === undefined ? undefined : /\/worktrees\/([^/]+)(?:\/modules\/.+)?$/.exec(target)?.[1];
}

function gitEntry(file: string): 'folder' | { readonly text: string } | undefined {
  try {
    if (statSync(file).isDirectory()) return 'folder';
    return { text: readFileSync(file, 'utf8') };
  } catch {
    return undefined;
  }
}
