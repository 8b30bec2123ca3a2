import path from 'node:path';
import { InvalidInput } from '../diagnostics/mesh-error.ts';
import { DEFAULT_ENVIRONMENT } from '../manifest/decode.ts';
import { readManifest } from '../manifest/read-manifest.ts';
import type { Mesh } from '../mesh/mesh.ts';
import { type ResolveInput, resolveMesh } from '../mesh/resolve.ts';
import type { HelmMeshes } from '../render/helm/chart.ts';
import type { Project } from './project.ts';

/** What a chart takes for production, by the names that it usually has. */
const PRODUCTION = ['prod', 'production'];

/**
 * Development and production of one manifest, which a chart has both of: read once, whichever environment the command is
 * about. A manifest need not have a production. `cwd`: where the paths of places are relative to.
 *
 * @throws InvalidInput when the manifest was changed meanwhile, and is wrong now
 */
export function readEnvironments(project: Pick<Project, 'root' | 'file' | 'read'>, cwd = project.root): HelmMeshes {
  const known = project.read?.environment === DEFAULT_ENVIRONMENT ? project.read : undefined;
  const read = known ?? readManifest({ cwd, file: path.join(project.root, path.basename(project.file)) });
  const other = PRODUCTION.flatMap((name) => read.others.find(({ environment }) => environment === name) ?? []).at(0);
  const prod = other && resolved({ ...read, ...other, others: [] });
  // What the other environments have to say was said when the project was opened.
  return { dev: resolved({ ...read, others: [] }), prod };
}

function resolved(input: ResolveInput): Mesh {
  const { value, diagnostics } = resolveMesh(input);
  if (value === undefined) throw new InvalidInput(diagnostics, input.sources);
  return value;
}
