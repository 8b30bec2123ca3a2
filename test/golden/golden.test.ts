import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { readClosures } from '../../src/cli/read-closures.ts';
import { renderDiagnostic } from '../../src/diagnostics/code-frame.ts';
import type { Diagnostic } from '../../src/diagnostics/diagnostic.ts';
import type { Source } from '../../src/diagnostics/location.ts';
import { InvalidInput } from '../../src/diagnostics/mesh-error.ts';
import { readManifest } from '../../src/manifest/read-manifest.ts';
import type { Artefact } from '../../src/mesh/artefact.ts';
import type { Mesh } from '../../src/mesh/mesh.ts';
import { resolveMesh } from '../../src/mesh/resolve.ts';
import { type Selection, selectNodes } from '../../src/mesh/select-nodes.ts';
import { NOTHING_APPLIED } from '../../src/plan/applied.ts';
import { planUp } from '../../src/plan/plan-up.ts';
import { printPlan } from '../../src/plan/print-plan.ts';
import { renderCompose } from '../../src/render/compose/render-compose.ts';
import { renderDockerfiles } from '../../src/render/dockerfile/render-dockerfiles.ts';
import { renderKubernetesInfrastructure } from '../../src/render/kubernetes/render-infrastructure.ts';
import { renderKubernetesServices } from '../../src/render/kubernetes/render-services.ts';

/*
 * A case is a folder: a mesh.yaml with what stands beside it, and in expected/ all that mesh makes of it: the artefacts
 * and the plan against an empty engine, or the text of every problem. A case.json holds what the command line would say.
 * MESH_UPDATE_GOLDEN=1 writes the expectations anew; read the difference before you commit it.
 */
const CASES = import.meta.dirname;
const UPDATE = process.env.MESH_UPDATE_GOLDEN === '1';

interface CaseOptions extends Partial<Selection> {
  /** Where the manifest stands, relative to the case, when it is not in the case itself. */
  readonly folder?: string;
  readonly environment?: string;
}

interface GoldenProject {
  readonly mesh: Mesh;
  readonly file: string;
  readonly sources: ReadonlyMap<string, Source>;
}

/** Path below expected/ → text. */
type Outputs = Readonly<Record<string, string>>;

const names = readdirSync(CASES, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name)
  .sort();

describe('golden cases', () => {
  it.each(names)('%s', (name) => {
    const folder = path.join(CASES, name);
    const actual = outputsOf(folder);
    if (UPDATE) writeExpected(folder, actual);
    expect(actual).toEqual(readExpected(folder));
  });
});

function outputsOf(folder: string): Outputs {
  const options = readOptions(folder);
  const cwd = path.join(folder, options.folder ?? '.');
  try {
    const read = readManifest({ cwd, file: 'mesh.yaml', environment: options.environment });
    const resolved = resolveMesh(read);
    if (resolved.value === undefined) return { 'diagnostics.txt': renderAll(resolved.diagnostics, read.sources) };
    return outputsOfMesh({ ...read, mesh: resolved.value }, { names: [], profiles: [], ...options });
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error;
    return { 'diagnostics.txt': renderAll(error.diagnostics, error.sources) };
  }
}

function outputsOfMesh(project: GoldenProject, selection: Selection): Outputs {
  const { mesh, sources } = project;
  const wanted = selectNodes(mesh, selection);
  if (wanted.value === undefined) return { 'diagnostics.txt': renderAll(wanted.diagnostics, sources) };
  const artefacts = [renderCompose(mesh), ...renderDockerfiles(mesh, readClosures(project).closures)];
  const kubernetes = [...renderKubernetesServices(mesh), ...renderKubernetesInfrastructure(mesh)];
  const plan = planUp({
    mesh,
    wanted: wanted.value,
    observed: { instances: [], images: {} },
    applied: NOTHING_APPLIED,
    specs: new Map(),
    build: 'missing',
  });
  return {
    ...Object.fromEntries(artefacts.map(({ path: file, text }) => [file, text])),
    'k8s.txt': joinFiles(kubernetes),
    'plan.txt': printPlan(plan),
  };
}

/** Many small files as one, which is easier to read in a difference. */
function joinFiles(artefacts: readonly Artefact[]): string {
  return artefacts.map(({ path: file, text }) => `==> ${file}\n${text}`).join('\n');
}

function renderAll(diagnostics: readonly Diagnostic[], sources: ReadonlyMap<string, Source>): string {
  return `${diagnostics.map((diagnostic) => renderDiagnostic(diagnostic, sources)).join('\n\n')}\n`;
}

function readOptions(folder: string): CaseOptions {
  const file = path.join(folder, 'case.json');
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as CaseOptions) : {};
}

function readExpected(folder: string): Outputs {
  const root = path.join(folder, 'expected');
  if (!existsSync(root)) return {};
  const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    files.map((entry) => {
      const file = path.join(entry.parentPath, entry.name);
      return [path.relative(root, file).split(path.sep).join('/'), readFileSync(file, 'utf8')];
    }),
  );
}

function writeExpected(folder: string, outputs: Outputs): void {
  const root = path.join(folder, 'expected');
  rmSync(root, { recursive: true, force: true });
  for (const [name, text] of Object.entries(outputs)) {
    mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    writeFileSync(path.join(root, name), text);
  }
}
