import { type BigIntStats, lstatSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { STATE_FOLDER } from '../workspace/state-folder.ts';
import { createPathMatcher, type IgnoreRules, patternSource } from './path-patterns.ts';

/** A file, link or folder of a build context. */
export interface ContextEntry {
  /** Relative to the context, with forward slashes. */
  readonly path: string;
  readonly kind: 'file' | 'link' | 'folder';
  readonly stat: BigIntStats;
}

/**
 * What a build reads of its context, in the order of paths: what the patterns name and no rule ignores. What mesh keeps
 * in its own folder is never an input, or every command would change all images.
 */
export function listContext(folder: string, patterns: readonly string[], rules: IgnoreRules): ContextEntry[] {
  const matches = createPathMatcher(patterns);
  const mayHold = createFolderFilter(patterns);
  const found: ContextEntry[] = [];
  const walk = (relative: string) => {
    for (const entry of readdirSync(path.join(folder, relative), { withFileTypes: true })) {
      const below = relative === '' ? entry.name : `${relative}/${entry.name}`;
      if (below === STATE_FOLDER) continue;
      const kind = kindOf(entry);
      if (kind === undefined) continue;
      const ignored = rules.ignores(below);
      if (!ignored && matches(below)) {
        found.push({ path: below, kind, stat: lstatSync(path.join(folder, below), { bigint: true }) });
      }
      if (kind === 'folder' && (!ignored || rules.hasExceptions) && mayHold(below)) walk(below);
    }
  };
  walk('');
  return found.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Whether a path of the context, there or not, is one that the build reads. */
export function createInputFilter(patterns: readonly string[], rules: IgnoreRules): (path: string) => boolean {
  const matches = createPathMatcher(patterns);
  return (file) => !file.startsWith(`${STATE_FOLDER}/`) && matches(file) && !rules.ignores(file);
}

/** Sockets, pipes and devices are in no build. */
function kindOf(entry: {
  isFile(): boolean;
  isDirectory(): boolean;
  isSymbolicLink(): boolean;
}): ContextEntry['kind'] | undefined {
  if (entry.isFile()) return 'file';
  if (entry.isDirectory()) return 'folder';
  return entry.isSymbolicLink() ? 'link' : undefined;
}

/** Keeps the walk out of folders in which no pattern can match, such as a `node_modules` beside the copied `src`. */
function createFolderFilter(patterns: readonly string[]): (folder: string) => boolean {
  if (patterns.some((pattern) => pattern === '.' || pattern.includes('**'))) return () => true;
  const wanted = patterns.map((pattern) =>
    pattern.split('/').map((part) => new RegExp(`^${patternSource(part)}$`, 's')),
  );
  return (folder) => {
    const parts = folder.split('/');
    return wanted.some((expressions) =>
      parts.every((part, index) => expressions[index] === undefined || expressions[index].test(part)),
    );
  };
}
