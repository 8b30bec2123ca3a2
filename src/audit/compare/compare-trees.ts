import type { Location } from '../../diagnostics/location.ts';
import type { MapTree, SequenceTree, Tree } from '../../manifest/tree.ts';

/** Where two YAML values differ first. */
export interface TreeDifference {
  /** `services.gateway.sysctls`; empty for the whole. */
  readonly path: string;
  readonly what: 'added' | 'removed' | 'changed';
  /** In the second one; of what is around it where it is removed. */
  readonly at: Location;
}

/** The first difference of meaning between two YAML values: comments, styles and the order of keys have none. */
export function compareTrees(expected: Tree, found: Tree, path = ''): TreeDifference | undefined {
  if (expected.kind === 'map' && found.kind === 'map') return compareMaps(expected, found, path);
  if (expected.kind === 'sequence' && found.kind === 'sequence') return compareSequences(expected, found, path);
  if (expected.kind === 'scalar' && found.kind === 'scalar' && expected.value === found.value) return undefined;
  return { path, what: 'changed', at: found.at };
}

function compareMaps(expected: MapTree, found: MapTree, path: string): TreeDifference | undefined {
  for (const [key, entry] of found.entries) {
    const inner = join(path, key);
    const before = expected.entries.get(key);
    if (before === undefined) return { path: inner, what: 'added', at: entry.keyAt };
    const difference = compareTrees(before.tree, entry.tree, inner);
    if (difference !== undefined) return difference;
  }
  const removed = [...expected.entries.keys()].find((key) => !found.entries.has(key));
  return removed === undefined ? undefined : { path: join(path, removed), what: 'removed', at: found.at };
}

function compareSequences(expected: SequenceTree, found: SequenceTree, path: string): TreeDifference | undefined {
  for (const [index, item] of found.items.entries()) {
    const inner = `${path}[${index}]`;
    const before = expected.items[index];
    if (before === undefined) return { path: inner, what: 'added', at: item.at };
    const difference = compareTrees(before, item, inner);
    if (difference !== undefined) return difference;
  }
  const isShorter = expected.items.length > found.items.length;
  return isShorter ? { path: `${path}[${found.items.length}]`, what: 'removed', at: found.at } : undefined;
}

function join(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}
