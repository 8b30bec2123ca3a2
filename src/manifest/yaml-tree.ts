import {
  type Alias,
  type Document,
  isAlias,
  isCollection,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  visit,
  type YAMLMap,
} from 'yaml';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Location, Source } from '../diagnostics/location.ts';
import type { MapEntry, Tree } from './tree.ts';

/**
 * How many values aliases may add to one file. A mesh of 1,000 services has about 50,000 values in all, so this leaves
 * room for every honest use, and a "billion laughs" file is refused after milliseconds.
 */
const MAX_ALIASED_VALUES = 100_000;
/** Far deeper than the schema goes; keeps hostile nesting from overflowing the stack. */
export const MAX_DEPTH = 64;

export const TOO_DEEP = `nests deeper than ${MAX_DEPTH} levels`;

export type Report = (diagnostic: Omit<Diagnostic, 'severity'>) => void;

/** Offsets of a text → a place in it. */
export type Locate = (from: number, to: number) => Location;

/** The parser's own line counter loses lines behind some errors, so lines are counted here. */
export function createLocator({ file, text }: Source): Locate {
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  const placeOf = (offset: number) => {
    const line = lastAtOrBelow(starts, Math.min(offset, text.length));
    const start = starts[line] ?? 0;
    const lineEnd = (starts[line + 1] ?? text.length + 1) - 1;
    const end = text[lineEnd - 1] === '\r' && lineEnd > start ? lineEnd - 1 : lineEnd;
    return { line: line + 1, column: Math.min(offset, Math.max(start, end)) - start + 1 };
  };
  return (from, to) => {
    const start = placeOf(from);
    const end = placeOf(Math.max(from, to));
    return { file, ...start, endLine: end.line, endColumn: end.column };
  };
}

/** The index of the last number that is not above the wanted one; the numbers ascend from 0. */
function lastAtOrBelow(numbers: readonly number[], wanted: number): number {
  let low = 0;
  let high = numbers.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((numbers[middle] ?? 0) <= wanted) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** What each alias stands for: the last node before it that has its anchor. */
function resolveAliases(document: Document): ReadonlyMap<Alias, Node> {
  const anchors = new Map<string, Node>();
  const targets = new Map<Alias, Node>();
  visit(document, {
    Node: (_key, node) => {
      if (isAlias(node)) {
        const target = anchors.get(node.source);
        if (target !== undefined) targets.set(node, target);
      } else if ((isScalar(node) || isCollection(node)) && node.anchor !== undefined) anchors.set(node.anchor, node);
    },
  });
  return targets;
}

/** YAML nodes → trees with places; aliases and merges are resolved, and what cannot be is reported. */
export function createTreeConverter(document: Document, locate: Locate, report: Report): (node: Node) => Tree {
  const targets = resolveAliases(document);
  const expanding = new Set<Node>();
  let aliased = 0;
  let exploded = false;

  const placeOfNode = (node: Node): Location => {
    const [from, end] = node.range ?? [0, 1];
    return locate(from, end);
  };
  const nothing = (at: Location): Tree => ({ kind: 'scalar', value: null, written: '', at });

  const convert = (node: Node | null | undefined, insideAlias: boolean, depth: number, fallback?: Location): Tree => {
    if (node === null || node === undefined) return nothing(fallback ?? locate(0, 1));
    const at = placeOfNode(node);
    if (exploded) return nothing(at);
    if (insideAlias && ++aliased > MAX_ALIASED_VALUES) exploded = true;
    if (depth > MAX_DEPTH) {
      report({ code: 'MESH1002', message: TOO_DEEP, location: at });
      return nothing(at);
    }
    if (isAlias(node)) return convertAlias(node, at, depth, insideAlias);
    if (isScalar(node)) return convertScalar(node.value, node.source, at);
    if (isSeq(node)) {
      return {
        kind: 'sequence',
        at,
        items: node.items.map((item) => convert(item as Node, insideAlias, depth + 1, at)),
      };
    }
    return { kind: 'map', at, entries: convertEntries(node as YAMLMap, insideAlias, depth, at) };
  };

  const convertAlias = (node: Alias, at: Location, depth: number, insideAlias: boolean): Tree => {
    const target = targets.get(node);
    if (target === undefined) {
      report({ code: 'MESH1002', message: `no anchor &${node.source} stands before this alias`, location: at });
      return nothing(at);
    }
    if (expanding.has(target)) {
      report({ code: 'MESH1002', message: `*${node.source} stands for a block that holds it`, location: at });
      return nothing(at);
    }
    expanding.add(target);
    const tree = convert(target, true, depth + 1, at);
    expanding.delete(target);
    if (exploded && !insideAlias) {
      report({
        code: 'MESH1004',
        message: `aliases expand to more than ${MAX_ALIASED_VALUES.toLocaleString('en')} values`,
        location: at,
        hint: 'write the values out, or nest fewer aliases',
      });
    }
    return tree;
  };

  const convertScalar = (value: unknown, source: string | undefined, at: Location): Tree => {
    const known =
      value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
    if (!known)
      report({ code: 'MESH1002', message: 'a value must be a text, a number, `true` or `false`', location: at });
    return { kind: 'scalar', value: known ? value : null, written: source ?? String(value), at };
  };

  const convertEntries = (map: YAMLMap, insideAlias: boolean, depth: number, at: Location): Map<string, MapEntry> => {
    const entries = new Map<string, MapEntry>();
    const merged = new Map<string, MapEntry>();
    for (const pair of map.items as Pair<Node, Node | null>[]) {
      const key = convert(pair.key, insideAlias, depth + 1, at);
      if (exploded) break;
      if (key.kind !== 'scalar') {
        report({ code: 'MESH1002', message: 'a key must be a plain text', location: key.at });
        continue;
      }
      const tree = convert(pair.value, insideAlias, depth + 1, key.at);
      if (key.written === '<<' && key.value === '<<') mergeInto(merged, tree);
      else addEntry(entries, key.value === null ? key.written : String(key.value), { keyAt: key.at, tree });
    }
    for (const [key, entry] of merged) if (!entries.has(key)) entries.set(key, entry);
    return entries;
  };

  const addEntry = (entries: Map<string, MapEntry>, key: string, entry: MapEntry) => {
    const first = entries.get(key);
    if (first === undefined || exploded) {
      entries.set(key, entry);
      return;
    }
    report({
      code: 'MESH1003',
      message: `the key \`${key}\` is written twice`,
      location: entry.keyAt,
      hint: `the first one is on line ${first.keyAt.line}; keep one`,
      related: [{ message: `first \`${key}\``, location: first.keyAt }],
    });
  };

  /** `<<: *anchor` or a list of them, as in Compose files: the first one that has a key gives it. */
  const mergeInto = (merged: Map<string, MapEntry>, tree: Tree) => {
    const maps = tree.kind === 'sequence' ? tree.items : [tree];
    for (const map of maps) {
      if (map.kind !== 'map') {
        report({ code: 'MESH1002', message: '`<<` takes a map, or a list of maps', location: map.at });
        continue;
      }
      for (const [key, entry] of map.entries) if (!merged.has(key)) merged.set(key, entry);
    }
  };

  return (node) => convert(node, false, 0);
}
