import type { Location, Source } from '../diagnostics/location.ts';
import { compareTrees } from './compare/compare-trees.ts';
import type { Finding } from './finding.ts';
import { field, readDocuments, textOf } from './read-documents.ts';

/**
 * A committed file beside what the manifest gives today. It is for what no fact is about, such as a kernel setting: one
 * that differs in nothing but comments and style is the same.
 */
export function checkFile(target: string, rendered: Source, committed: Source): Finding | undefined {
  if (rendered.text === committed.text) return undefined;
  const expected = readDocuments(rendered).value ?? [];
  const found = readDocuments(committed).value ?? [];
  const common = { code: 'MESH4001', target, service: '', fact: `file ${committed.file}`, hint: HINT } as const;
  for (const [index, tree] of found.entries()) {
    const before = expected[index];
    const difference =
      before === undefined ? { path: '', what: 'added' as const, at: tree.at } : compareTrees(before, tree);
    if (difference === undefined) continue;
    const where = difference.path === '' ? 'a whole document' : difference.path;
    const message = `${committed.file} is not what the manifest gives: ${where} ${WORDS[difference.what]}`;
    // A path says enough where the line may hold a secret.
    const hidden = textOf(field(tree, 'kind')) === 'Secret' || /environment|content|secret/i.test(where);
    return { ...common, message, places: [{ what: target, at: difference.at }], ...(hidden && { hidden: true }) };
  }
  if (found.length === expected.length) return undefined;
  const at = { file: committed.file, line: 1, column: 1, endLine: 1, endColumn: 2 };
  const message = `${committed.file} is not what the manifest gives: it has ${found.length} objects, and should have ${expected.length}`;
  return { ...common, message, places: [{ what: target, at }] };
}

/** The files of a committed chart beside those that the manifest gives: Helm shows only what is switched on. */
export function checkChartFiles(target: string, rendered: readonly Source[], committed: readonly Source[]): Finding[] {
  if (committed.length === 0) return [];
  const onDisk = new Map(committed.map((source) => [source.file, source]));
  return rendered.flatMap((source) => {
    const found = onDisk.get(source.file);
    if (found === undefined) return [missingFile(target, source.file)];
    // What people read is no part of what is installed.
    if (found.text === source.text || /\.(?:md|txt)$/.test(source.file)) return [];
    const at = firstDifference(source, found);
    const message = `${source.file} is not what the manifest gives`;
    const place = { what: target, at };
    return [
      { code: 'MESH4001', target, service: '', fact: `file ${source.file}`, message, places: [place], hint: HINT },
    ];
  });
}

function firstDifference(rendered: Source, committed: Source): Location {
  const expected = rendered.text.split('\n');
  const found = committed.text.split('\n');
  const index = found.findIndex((line, number) => line !== expected[number]);
  const line = 1 + (index === -1 ? found.length - 1 : index);
  return { file: committed.file, line, column: 1, endLine: line, endColumn: 2 };
}

/** A file that the manifest gives, and that is not there although others of its target are. */
export function missingFile(target: string, file: string): Finding {
  const message = `${file} is missing, and the manifest gives it`;
  return {
    code: 'MESH4001',
    target,
    service: '',
    fact: `file ${file}`,
    message,
    places: [],
    hint: 'run: mesh generate',
  };
}

const HINT = 'run: mesh generate (see the whole difference with: mesh generate --check)';
const WORDS = { added: 'should not be there', removed: 'is missing', changed: 'is different' } as const;
