import type { Location } from '../diagnostics/location.ts';

/** A YAML value that remembers where each of its parts was written. */
export type Tree = ScalarTree | MapTree | SequenceTree;

export interface ScalarTree {
  readonly kind: 'scalar';
  readonly value: string | number | boolean | null;
  /** As it was written: `1.0` stays `1.0`, where the number would be 1. */
  readonly written: string;
  readonly at: Location;
}

export interface MapTree {
  readonly kind: 'map';
  readonly entries: ReadonlyMap<string, MapEntry>;
  readonly at: Location;
}

export interface MapEntry {
  readonly keyAt: Location;
  readonly tree: Tree;
}

export interface SequenceTree {
  readonly kind: 'sequence';
  readonly items: readonly Tree[];
  readonly at: Location;
}

export type Path = readonly (string | number)[];

/** What stands at a path; `undefined` when nothing does. */
export function treeAt(tree: Tree, path: Path): Tree | undefined {
  return entryAt(tree, path)?.tree;
}

/** What stands at a path, with the place of its key. The root and items of a sequence have no key: theirs is their own place. */
export function entryAt(tree: Tree, path: Path): MapEntry | undefined {
  let entry: MapEntry = { keyAt: tree.at, tree };
  for (const step of path) {
    const next = child(entry.tree, step);
    if (next === undefined) return undefined;
    entry = next;
  }
  return entry;
}

function child(tree: Tree, step: string | number): MapEntry | undefined {
  if (tree.kind === 'map') return tree.entries.get(String(step));
  if (tree.kind === 'scalar') return undefined;
  const item = tree.items[Number(step)];
  return item === undefined ? undefined : { keyAt: item.at, tree: item };
}

/** The nearest place at or above a path: every problem has one, even where the blamed value is missing. */
export function placeOf(tree: Tree, path: Path): Location {
  for (let length = path.length; length > 0; length--) {
    const entry = entryAt(tree, path.slice(0, length));
    if (entry !== undefined) return length === path.length ? entry.tree.at : entry.keyAt;
  }
  return tree.at;
}

/** Every path of the tree with the place of its value, paths joined by dots. */
export function placesOf(tree: Tree): Record<string, Location> {
  const places: Record<string, Location> = {};
  const visit = (current: Tree, path: string) => {
    places[path] = current.at;
    const prefix = path === '' ? '' : `${path}.`;
    if (current.kind === 'map') for (const [key, entry] of current.entries) visit(entry.tree, `${prefix}${key}`);
    if (current.kind === 'sequence')
      for (const [index, item] of current.items.entries()) visit(item, `${prefix}${index}`);
  };
  visit(tree, '');
  return places;
}

/** Replaces scalars: the function gets each one with its path and gives it back, changed or not. */
export function mapScalars(tree: Tree, change: (scalar: ScalarTree, path: Path) => ScalarTree, path: Path = []): Tree {
  if (tree.kind === 'scalar') return change(tree, path);
  if (tree.kind === 'sequence') {
    return { ...tree, items: tree.items.map((item, index) => mapScalars(item, change, [...path, index])) };
  }
  const entries = new Map<string, MapEntry>();
  for (const [key, entry] of tree.entries) {
    entries.set(key, { keyAt: entry.keyAt, tree: mapScalars(entry.tree, change, [...path, key]) });
  }
  return { ...tree, entries };
}

/** Plain data for the schema. Settings keep the form in which they were written, since `1.0` and `1` differ to a program. */
export function toPlain(tree: Tree, keepWritten: (path: Path) => boolean = () => false, path: Path = []): unknown {
  if (tree.kind === 'scalar') {
    return tree.value !== null && typeof tree.value !== 'string' && keepWritten(path) ? tree.written : tree.value;
  }
  if (tree.kind === 'sequence') return tree.items.map((item, index) => toPlain(item, keepWritten, [...path, index]));
  const plain: Record<string, unknown> = Object.create(null);
  for (const [key, entry] of tree.entries) plain[key] = toPlain(entry.tree, keepWritten, [...path, key]);
  return plain;
}
