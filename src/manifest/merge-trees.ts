import type { MapEntry, Tree } from './tree.ts';

/** Blocks that are one choice: half of one and half of another would be neither. */
const REPLACED_WHOLE: ReadonlySet<string> = new Set(['build', 'ready', 'live']);

/**
 * The base with the changes of `over`: maps are merged key by key, everything else is replaced, and an empty value
 * (`redis: null`) removes what the base has. Places stay those of whoever wrote the part.
 */
export function mergeTrees(base: Tree, over: Tree): Tree {
  if (base.kind !== 'map' || over.kind !== 'map') return over;
  const entries = new Map<string, MapEntry>(base.entries);
  for (const [key, entry] of over.entries) {
    const below = base.entries.get(key);
    if (below !== undefined && isEmpty(entry.tree)) entries.delete(key);
    else if (below === undefined || REPLACED_WHOLE.has(key)) entries.set(key, entry);
    else entries.set(key, { keyAt: entry.keyAt, tree: mergeChild(key, below.tree, entry.tree) });
  }
  return { kind: 'map', entries, at: over.at };
}

/** Each file of `files` is one choice too, while the map of files itself is merged. */
function mergeChild(key: string, base: Tree, over: Tree): Tree {
  if (key !== 'files' || base.kind !== 'map' || over.kind !== 'map') return mergeTrees(base, over);
  return mergeFiles(base.entries, over.entries, over);
}

function mergeFiles(base: ReadonlyMap<string, MapEntry>, over: ReadonlyMap<string, MapEntry>, at: Tree): Tree {
  const entries = new Map<string, MapEntry>(base);
  for (const [path, entry] of over) {
    if (base.has(path) && isEmpty(entry.tree)) entries.delete(path);
    else entries.set(path, entry);
  }
  return { kind: 'map', entries, at: at.at };
}

function isEmpty(tree: Tree): boolean {
  return tree.kind === 'scalar' && tree.value === null;
}
