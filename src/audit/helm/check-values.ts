import type { Location, Source } from '../../diagnostics/location.ts';
import { didYouMean } from '../../diagnostics/suggest.ts';
import type { Tree } from '../../manifest/tree.ts';
import type { Finding } from '../finding.ts';
import { readDocuments } from '../read-documents.ts';
import type { CheckResult } from '../structure/structure-input.ts';

/** The sources of a chart. */
export interface ChartSources {
  readonly values: Source;
  /** Values files that go on top of it. */
  readonly overlays: readonly Source[];
  readonly templates: readonly Source[];
}

interface Use {
  readonly path: readonly string[];
  readonly at: Location;
}

/** Whether each value is used by some template, and each that a template uses is among the values. */
export function checkChartValues(target: string, sources: ChartSources): CheckResult {
  const values = readDocuments(sources.values).value?.[0];
  if (values === undefined) return { comparisons: 0, findings: [] };
  const leaves = leavesOf(values);
  const uses = sources.templates.flatMap(usesIn);
  const used = new Set(uses.map(({ path }) => path.join('.')));
  // A use of what somebody may put into a block is a use of the block.
  const around = new Set(uses.flatMap(({ path }) => path.map((_, index) => path.slice(0, index + 1).join('.'))));
  const unused = leaves.filter(({ path }) => !isUsed(path, used) && !around.has(path.join('.')));
  const missing = uses.filter(({ path }) => isMissing(values, path));
  const overlays = sources.overlays.flatMap((source) => leavesOf(readDocuments(source).value?.[0] ?? EMPTY(source)));
  const unknown = overlays.filter(({ path }) => isMissing(values, path));
  return {
    comparisons: leaves.length + uses.length + overlays.length,
    findings: [
      ...unused.map(({ path, at }) =>
        wrong(target, at, path, `value ${path.join('.')} is used by no template`, 'remove it, or use it'),
      ),
      ...missing.map(({ path, at }) =>
        wrong(
          target,
          at,
          path,
          `a template uses value ${path.join('.')}, which ${sources.values.file} does not have`,
          suggest(path, leaves),
        ),
      ),
      ...unknown.map(({ path, at }) =>
        wrong(target, at, path, `value ${path.join('.')} is not in ${sources.values.file}`, suggest(path, leaves)),
      ),
    ],
  };
}

function EMPTY({ file }: Source): Tree {
  return { kind: 'map', entries: new Map(), at: { file, line: 1, column: 1, endLine: 1, endColumn: 1 } };
}

function wrong(target: string, at: Location, path: readonly string[], message: string, hint: string): Finding {
  return {
    code: 'MESH4211',
    target,
    service: '',
    fact: `value ${path.join('.')}`,
    message,
    places: [{ what: target, at }],
    hint,
  };
}

function suggest(path: readonly string[], leaves: readonly Use[]): string {
  return (
    didYouMean(
      path.join('.'),
      leaves.map((leaf) => leaf.path.join('.')),
    ) ?? 'add it, or correct the name'
  );
}

/** An empty map or list is a leaf: whoever installs the chart fills it. */
function leavesOf(tree: Tree, path: readonly string[] = []): Use[] {
  if (tree.kind !== 'map' || tree.entries.size === 0) return [{ path, at: tree.at }];
  return [...tree.entries].flatMap(([key, { tree: inner, keyAt }]) =>
    inner.kind === 'map' && inner.entries.size > 0
      ? leavesOf(inner, [...path, key])
      : [{ path: [...path, key], at: keyAt }],
  );
}

/** A template that takes a whole block takes all that is in it. */
function isUsed(path: readonly string[], used: ReadonlySet<string>): boolean {
  return path.some((_, index) => used.has(path.slice(0, index + 1).join('.')));
}

/** What lies below a text or an empty block is whoever's who installs the chart. */
function isMissing(values: Tree, path: readonly string[]): boolean {
  let tree = values;
  for (const key of path) {
    if (tree.kind !== 'map' || tree.entries.size === 0) return false;
    const entry = tree.entries.get(key);
    if (entry === undefined) return true;
    tree = entry.tree;
  }
  return false;
}

const FIELD = /\.Values((?:\.[A-Za-z_]\w*)+)/g;
const INDEX = /index\s+(?:\$|\.)?\.?Values((?:\.[A-Za-z_]\w*)*)((?:\s+"[^"]+")+)/g;

/** `.Values.a.b` and `index .Values.a "b-c"`, with their places. */
function usesIn(source: Source): Use[] {
  return source.text.split('\n').flatMap((line, index) => {
    const at = (column: number, length: number): Location => {
      return {
        file: source.file,
        line: index + 1,
        column: column + 1,
        endLine: index + 1,
        endColumn: column + 1 + length,
      };
    };
    const indexed = [...line.matchAll(INDEX)].map((match): Use => {
      const keys = [...(match[2] ?? '').matchAll(/"([^"]+)"/g)].map(([, key]) => key ?? '');
      return { path: [...fieldsOf(match[1]), ...keys], at: at(match.index, match[0].length) };
    });
    const fields = [...line.matchAll(FIELD)]
      .filter((match) => !indexed.some((use) => use.at.column <= match.index + 1 && match.index < use.at.endColumn - 1))
      .map((match): Use => ({ path: fieldsOf(match[1]), at: at(match.index, match[0].length) }));
    return [...indexed, ...fields];
  });
}

function fieldsOf(text = ''): string[] {
  return text.split('.').filter((field) => field !== '');
}
