import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Location, Source } from '../diagnostics/location.ts';
import { messageOf } from '../diagnostics/mesh-error.ts';
import type { MapEntry, MapTree, Tree } from './tree.ts';

export interface InlineOptions {
  /** Absolute path of the folder that the paths are relative to. */
  readonly root: string;
  /** The path of a file as messages show it. */
  readonly show: (absolute: string) => string;
  /** Takes the texts that were read, since a reference in one of them can be wrong. */
  readonly sources: Map<string, Source>;
  /** Takes the absolute paths of what was read. */
  readonly inputs: string[];
}

/** `source: ./file` → `content: text of that file`, so that nothing behind this function reads the disk. */
export function inlineSources(
  tree: Tree,
  options: InlineOptions,
): { readonly value: Tree; readonly diagnostics: readonly Diagnostic[] } {
  const diagnostics: Diagnostic[] = [];
  const inline = (current: Tree, key: string | undefined, grandKey: string | undefined): Tree => {
    if (current.kind !== 'map') return current;
    const source = grandKey === 'files' ? sourceOf(current) : undefined;
    if (source !== undefined) return inlineSource(current, source, options, diagnostics);
    const entries = new Map<string, MapEntry>();
    for (const [name, entry] of current.entries) {
      entries.set(name, { keyAt: entry.keyAt, tree: inline(entry.tree, name, key) });
    }
    return { ...current, entries };
  };
  return { value: inline(tree, undefined, undefined), diagnostics };
}

/** What the schema will refuse anyway is left to it: an empty path, or a content beside it. */
function sourceOf(file: MapTree): MapEntry | undefined {
  const source = file.entries.get('source');
  const usable = source?.tree.kind === 'scalar' && typeof source.tree.value === 'string' && source.tree.value !== '';
  return usable && !file.entries.has('content') ? source : undefined;
}

function inlineSource(file: MapTree, source: MapEntry, options: InlineOptions, diagnostics: Diagnostic[]): Tree {
  const written = source.tree.kind === 'scalar' ? String(source.tree.value) : '';
  const absolute = path.resolve(options.root, written);
  try {
    const text = readFileSync(absolute, 'utf8');
    const label = options.show(absolute);
    options.sources.set(label, { file: label, text });
    options.inputs.push(absolute);
    const entries = new Map(file.entries);
    entries.delete('source');
    const tree: Tree = { kind: 'scalar', value: text, written: text, at: wholeOf(label, text) };
    entries.set('content', { keyAt: source.keyAt, tree });
    return { ...file, entries };
  } catch (error) {
    diagnostics.push({
      code: 'MESH1007',
      severity: 'error',
      message: `cannot read ${written}: ${reasonOf(error)}`,
      location: source.tree.at,
      hint: 'the path is relative to the manifest that names it',
    });
    return file;
  }
}

function wholeOf(file: string, text: string): Location {
  const lines = text.split(/\r?\n/);
  return { file, line: 1, column: 1, endLine: lines.length, endColumn: (lines.at(-1)?.length ?? 0) + 1 };
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'it may not be read',
  EISDIR: 'it is a folder',
  ENOENT: 'it does not exist',
  ENOTDIR: 'it does not exist',
};

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return REASONS[code] ?? messageOf(error);
}
