import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { renderDiagnostic } from '../../../src/diagnostics/code-frame.ts';
import type { Diagnostic } from '../../../src/diagnostics/diagnostic.ts';
import type { Source } from '../../../src/diagnostics/location.ts';
import { InvalidInput, MeshError } from '../../../src/diagnostics/mesh-error.ts';
import { readManifest } from '../../../src/manifest/read-manifest.ts';
import { resolveMesh } from '../../../src/mesh/resolve.ts';
import { renderCompose } from '../../../src/render/compose/render-compose.ts';
import { renderDockerfiles } from '../../../src/render/dockerfile/render-dockerfiles.ts';
import { createTemporaryFolder } from '../temporary-folder.ts';
import { mutate } from './mutate.ts';
import { createRandom } from './random.ts';

const ROOT = path.join(import.meta.dirname, '../../..');
const GOLDEN = path.join(ROOT, 'test/golden');

/** What is mutated: the preset and every golden manifest, but for the alias bomb, whose mutants are as slow as itself. */
const seeds = new Map<string, string>([
  ['presets/toskamesh.yaml', readFileSync(path.join(ROOT, 'presets/toskamesh.yaml'), 'utf8')],
  ...readdirSync(GOLDEN, { withFileTypes: true })
    .filter(
      (entry) =>
        entry.isDirectory() && existsSync(path.join(GOLDEN, entry.name, 'mesh.yaml')) && entry.name !== 'bad-aliases',
    )
    .map((entry) => [entry.name, readFileSync(path.join(GOLDEN, entry.name, 'mesh.yaml'), 'utf8')] as const),
]);
const ROUNDS_OF_PRESET = 60;
const ROUNDS_OF_OTHERS = 40;

describe('whatever a manifest holds', () => {
  it.each([...seeds.keys()])('%s, mutated', (name) => {
    using folder = createTemporaryFolder();
    const text = seeds.get(name) ?? '';
    const random = createRandom(name);
    const rounds = name.startsWith('presets') ? ROUNDS_OF_PRESET : ROUNDS_OF_OTHERS;
    for (let round = 0; round < rounds; round++) {
      const mutant = mutate(text, random);
      folder.write('mesh.yaml', mutant);
      const complaints = complaintsOf(folder.path);
      // The mutant is part of what is compared, so that a failure shows it.
      expect(complaints.length === 0 ? [] : [...complaints, mutant]).toEqual([]);
    }
  });
});

/** What is wrong with how mesh took the manifest; what is wrong with the manifest itself is its own business. */
function complaintsOf(folder: string): string[] {
  try {
    const read = readManifest({ cwd: folder, file: 'mesh.yaml' });
    const resolved = resolveMesh(read);
    if (resolved.value === undefined) return complaintsAbout(resolved.diagnostics, read.sources);
    renderCompose(resolved.value);
    renderDockerfiles(resolved.value);
    return [];
  } catch (error) {
    if (error instanceof InvalidInput) return complaintsAbout(error.diagnostics, error.sources);
    if (error instanceof MeshError) return [];
    return [error instanceof Error ? (error.stack ?? error.message) : String(error)];
  }
}

function complaintsAbout(diagnostics: readonly Diagnostic[], sources: ReadonlyMap<string, Source>): string[] {
  if (diagnostics.length === 0) return ['refused without a diagnostic'];
  return diagnostics.flatMap((diagnostic) => {
    const rendered = renderDiagnostic(diagnostic, sources);
    const complaint = complaintAbout(diagnostic, rendered, sources);
    return complaint === undefined ? [] : [`${complaint}: ${JSON.stringify(diagnostic)}`];
  });
}

function complaintAbout(
  { location, message, hint }: Diagnostic,
  rendered: string,
  sources: ReadonlyMap<string, Source>,
): string | undefined {
  if (location === undefined) return 'no location';
  const lines = sources.get(location.file)?.text.split(/\r?\n/);
  if (lines === undefined) return 'no such source';
  const { line, column, endLine, endColumn } = location;
  if (line < 1 || line > lines.length || endLine < line || endLine > lines.length) return 'no such line';
  if (column < 1 || column > lineLength(lines, line) + 1) return 'no such column';
  if (endColumn < 1 || endColumn > lineLength(lines, endLine) + 1) return 'no such end column';
  if (endLine === line && endColumn < column) return 'ends before it begins';
  if (!rendered.includes('^')) return 'no marker';
  if (`${message}${hint ?? ''}`.includes('\n')) return 'more than one line';
  if (/undefined|NaN|\[object|Invalid input/.test(message)) return 'raw words';
  return undefined;
}

function lineLength(lines: readonly string[], line: number): number {
  return lines[line - 1]?.length ?? 0;
}
