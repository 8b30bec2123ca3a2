import { isDeepStrictEqual } from 'node:util';
import { writeScalar } from '../write-scalar.ts';
import { yamlKey } from './go-template.ts';

/** What a value may be, as YAML and JSON have it. */
export type Plain = string | number | boolean | null | readonly Plain[] | { readonly [key: string]: Plain };

/** All values of a chart. One tree gives both values files, their schema and the table of the README, so none can differ. */
export type ValueTree = ValueLeaf | ValueBranch;

/** One value, in both environments. */
export interface ValueLeaf {
  readonly kind: 'leaf';
  readonly comment: string;
  readonly dev: Plain;
  readonly prod: Plain;
  /** JSON Schema, without the description. */
  readonly schema: Readonly<Record<string, unknown>>;
}

/** Values that belong together. */
export interface ValueBranch {
  readonly kind: 'branch';
  readonly comment: string;
  readonly entries: Readonly<Record<string, ValueTree>>;
}

/** What a value is made of. */
export interface LeafFields {
  readonly comment: string;
  readonly schema: Readonly<Record<string, unknown>>;
  readonly dev: Plain;
  /** That of `dev` when not given. */
  readonly prod?: Plain;
}

/** A value. */
export function leaf({ prod, ...fields }: LeafFields): ValueLeaf {
  return { kind: 'leaf', ...fields, prod: prod === undefined ? fields.dev : prod };
}

/** A mapping of values; keys without one are left out. */
export function branch(comment: string, entries: Readonly<Record<string, ValueTree | undefined>>): ValueBranch {
  const present = Object.entries(entries).flatMap(([key, tree]) => (tree === undefined ? [] : [[key, tree] as const]));
  return { kind: 'branch', comment, entries: Object.fromEntries(present) };
}

/** The values of development, each with its comment. */
export function renderValues(tree: ValueBranch): string {
  return renderEntries(tree, 0, (entry) => entry.dev);
}

/** What production has differently. */
export function renderProductionValues(tree: ValueBranch): string {
  return renderEntries(tree, 0, (entry) =>
    isDeepStrictEqual(entry.dev, entry.prod) ? undefined : difference(entry.dev, entry.prod),
  );
}

/** Every leaf with its path. */
export function leavesOf(tree: ValueTree, path: readonly string[] = []): [readonly string[], ValueLeaf][] {
  if (tree.kind === 'leaf') return [[path, tree]];
  return Object.entries(tree.entries).flatMap(([key, child]) => leavesOf(child, [...path, key]));
}

/** `null` takes away a key that only development has: Helm merges maps. */
function difference(dev: Plain, prod: Plain): Plain {
  if (!isMap(dev) || !isMap(prod)) return prod;
  const keys = [...new Set([...Object.keys(dev), ...Object.keys(prod)])];
  return Object.fromEntries(
    keys.flatMap((key): [string, Plain][] => {
      const before = dev[key];
      const after = prod[key];
      if (isDeepStrictEqual(before, after)) return [];
      if (after === undefined) return [[key, null]];
      return [[key, before === undefined ? after : difference(before, after)]];
    }),
  );
}

function isMap(value: Plain): value is { readonly [key: string]: Plain } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function renderEntries(tree: ValueBranch, depth: number, choose: (entry: ValueLeaf) => Plain | undefined): string {
  const pad = '  '.repeat(depth);
  return Object.entries(tree.entries)
    .map(([key, child]) => {
      const head = `${depth === 0 ? '\n' : ''}${comment(child.comment, pad)}${pad}${yamlKey(key)}:`;
      if (child.kind === 'leaf') {
        const value = choose(child);
        return value === undefined ? '' : `${head}${renderPlain(value, pad)}`;
      }
      const inner = renderEntries(child, depth + 1, choose);
      return inner === '' ? '' : `${head}\n${inner}`;
    })
    .join('');
}

/** Behind the key: a mapping on lines of its own, anything else as JSON, in which no text is taken for another type. */
function renderPlain(value: Plain, pad: string): string {
  if (!isMap(value) || Object.keys(value).length === 0) return ` ${JSON.stringify(value)}\n`;
  const inner = `${pad}  `;
  const entries = Object.entries(value).map(
    ([key, entry]) => `${inner}${writeScalar(key, { kind: 'key' })}:${renderPlain(entry, inner)}`,
  );
  return `\n${entries.join('')}`;
}

function comment(text: string, pad: string): string {
  return text === '' ? '' : text.replaceAll(/^/gm, `${pad}# `).concat('\n');
}
