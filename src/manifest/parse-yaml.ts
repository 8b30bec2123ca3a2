import {
  type Alias,
  type Document,
  isAlias,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  type YAMLError,
  type YAMLMap,
} from 'yaml';
import type { Diagnostic, Outcome } from '../diagnostics/diagnostic.ts';
import type { Location, Source } from '../diagnostics/location.ts';
import type { MapEntry, Tree } from './tree.ts';

/**
 * How many values aliases may add to one file. A mesh of 1,000 services has about 50,000 values in all, so this leaves
 * room for every honest use, and a "billion laughs" file is refused after milliseconds.
 */
const MAX_ALIASED_VALUES = 100_000;
/** Far deeper than the schema goes; keeps hostile nesting from overflowing the stack. */
const MAX_DEPTH = 64;

/** YAML text → tree with places. Every problem of the syntax is returned, not only the first. */
export function parseYaml(source: Source): Outcome<Tree> {
  const lines = new LineCounter();
  const diagnostics: Diagnostic[] = [];
  const locate = locator(source.file, lines);
  if (nestsTooDeep(source.text)) {
    diagnostics.push({
      code: 'MESH1002',
      severity: 'error',
      message: `nests deeper than ${MAX_DEPTH} levels`,
      location: { file: source.file, line: 1, column: 1, endLine: 1, endColumn: 2 },
    });
    return { diagnostics };
  }
  const document = parseDocument(source.text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false });
  for (const error of [...document.errors, ...document.warnings]) diagnostics.push(describeError(error, locate));
  if (document.contents === null) {
    diagnostics.push({
      code: 'MESH1103',
      severity: 'error',
      message: 'the manifest is empty: expected at least `name` and `services`, or `extends`',
      location: { file: source.file, line: 1, column: 1, endLine: 1, endColumn: 2 },
    });
    return { diagnostics };
  }
  const converter = createConverter(document, locate, diagnostics);
  const tree = converter(document.contents);
  // A key written twice leaves a tree whose other problems are worth reporting in the same run.
  const broken = diagnostics.some((diagnostic) => diagnostic.severity === 'error' && diagnostic.code !== 'MESH1003');
  return broken ? { diagnostics } : { value: tree, diagnostics };
}

/** The parser itself recurses, so flow nesting is bounded before it runs. Brackets in texts count too: 64 in a row is no honest file. */
function nestsTooDeep(text: string): boolean {
  if (/(?:[[{]\s*){64}/.test(text)) return true;
  return /^(?:\s*-){64}/m.test(text) || /^ {512}/m.test(text);
}

type Locate = (from: number, to: number) => Location;

function locator(file: string, lines: LineCounter): Locate {
  return (from, to) => {
    const start = lines.linePos(from);
    const end = lines.linePos(Math.max(from, to));
    // A range that ends at the start of a line ended with the line break before it.
    return {
      file,
      line: Math.max(1, start.line),
      column: Math.max(1, start.col),
      endLine: Math.max(1, end.line),
      endColumn: Math.max(1, end.col),
    };
  };
}

function describeError(error: YAMLError, locate: Locate): Diagnostic {
  const [from, to] = error.pos;
  return {
    code: 'MESH1002',
    severity: error.name === 'YAMLWarning' ? 'warning' : 'error',
    message: lowerFirst(error.message.split('\n')[0] ?? error.message),
    location: locate(from, Math.max(to, from + 1)),
  };
}

function lowerFirst(message: string): string {
  return message.slice(0, 1).toLowerCase() + message.slice(1);
}

function createConverter(document: Document, locate: Locate, diagnostics: Diagnostic[]): (node: Node) => Tree {
  let aliased = 0;
  let exploded = false;

  const report = (diagnostic: Omit<Diagnostic, 'severity'>) => diagnostics.push({ severity: 'error', ...diagnostic });
  const placeOfNode = (node: Node): Location => {
    const [from, end] = node.range ?? [0, 1];
    return locate(from, end);
  };
  const nothing = (at: Location): Tree => ({ kind: 'scalar', value: null, written: '', at });

  const convert = (node: Node | null | undefined, insideAlias: boolean, depth: number, fallback?: Location): Tree => {
    if (node === null || node === undefined) return nothing(fallback ?? locate(0, 1));
    const at = placeOfNode(node);
    if (insideAlias && ++aliased > MAX_ALIASED_VALUES) exploded = true;
    if (exploded) return nothing(at);
    if (depth > MAX_DEPTH) {
      report({ code: 'MESH1002', message: `nests deeper than ${MAX_DEPTH} levels`, location: at });
      return nothing(at);
    }
    if (isAlias(node)) return convertAlias(node, at, depth);
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

  const convertAlias = (node: Alias, at: Location, depth: number): Tree => {
    const target = node.resolve(document);
    if (target === undefined) {
      report({ code: 'MESH1002', message: `no anchor &${node.source} stands before this alias`, location: at });
      return nothing(at);
    }
    const before = exploded;
    const tree = convert(target as Node, true, depth + 1, at);
    if (exploded && !before) {
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
    return { kind: 'scalar', value: known ? value : String(value), written: source ?? String(value), at };
  };

  const convertEntries = (map: YAMLMap, insideAlias: boolean, depth: number, at: Location): Map<string, MapEntry> => {
    const entries = new Map<string, MapEntry>();
    const merged = new Map<string, MapEntry>();
    for (const pair of map.items as Pair<Node, Node | null>[]) {
      const key = convert(pair.key, insideAlias, depth + 1, at);
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
    if (first === undefined) {
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
