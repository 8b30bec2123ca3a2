import { Composer, isScalar, Lexer, Parser } from 'yaml';
import type { Diagnostic, Outcome } from '../diagnostics/diagnostic.ts';
import type { Location, Source } from '../diagnostics/location.ts';
import type { MapEntry, Tree } from '../manifest/tree.ts';
import { createLocator, createTreeConverter } from '../manifest/yaml-tree.ts';

/** Every document of a YAML file as a tree with places; empty ones are left out. JSON is YAML, too. */
export function readDocuments(source: Source): Outcome<readonly Tree[]> {
  const locate = createLocator(source);
  const diagnostics: Diagnostic[] = [];
  const report = (problem: { readonly message: string; readonly location?: Location | undefined }) =>
    diagnostics.push({ ...problem, code: 'MESH4003', severity: 'error' });
  const parser = new Parser();
  const tokens = [...new Lexer().lex(source.text)].flatMap((word) => [...parser.next(word)]);
  const trees: Tree[] = [];
  for (const document of new Composer({ uniqueKeys: false }).compose(
    [...tokens, ...parser.end()],
    true,
    source.text.length,
  )) {
    // Warnings are about tags that nobody knows; whoever wrote the file does.
    const error = document.errors[0];
    if (error !== undefined) {
      const [from, to] = error.pos;
      report({ message: error.message.split('\n')[0] ?? '', location: locate(from, Math.max(to, from + 1)) });
      continue;
    }
    const { contents } = document;
    if (contents === null || (isScalar(contents) && contents.value === null)) continue;
    trees.push(createTreeConverter(document, locate, report)(contents));
  }
  return diagnostics.length > 0 ? { diagnostics } : { value: trees, diagnostics };
}

/** What stands behind a path of keys; `undefined` where a step is missing or no map. */
export function field(tree: Tree | undefined, ...path: readonly string[]): Tree | undefined {
  return fieldEntry(tree, ...path)?.tree;
}

/** The same with the place of the last key. */
export function fieldEntry(tree: Tree | undefined, ...path: readonly string[]): MapEntry | undefined {
  let entry: MapEntry | undefined = tree && { keyAt: tree.at, tree };
  for (const key of path) entry = entry?.tree.kind === 'map' ? entry.tree.entries.get(key) : undefined;
  return entry;
}

/** A scalar as text; nothing for null, lists and maps. */
export function textOf(tree: Tree | undefined): string | undefined {
  if (tree?.kind !== 'scalar' || tree.value === null) return undefined;
  return typeof tree.value === 'string' ? tree.value : tree.written;
}

export function numberOf(tree: Tree | undefined): number | undefined {
  const text = textOf(tree);
  return text === undefined || text.trim() === '' || Number.isNaN(Number(text)) ? undefined : Number(text);
}

export function itemsOf(tree: Tree | undefined): readonly Tree[] {
  return tree?.kind === 'sequence' ? tree.items : [];
}

export function entriesOf(tree: Tree | undefined): readonly (readonly [string, MapEntry])[] {
  return tree?.kind === 'map' ? [...tree.entries] : [];
}

/** A map of texts, such as labels. */
export function textsOf(tree: Tree | undefined): Record<string, string> {
  return Object.fromEntries(entriesOf(tree).map(([key, entry]) => [key, textOf(entry.tree) ?? '']));
}
