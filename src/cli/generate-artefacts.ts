import { MeshError } from '../diagnostics/mesh-error.ts';
import type { Artefact } from '../mesh/artefact.ts';
import { type ArtefactFile, compareArtefacts, writeArtefacts } from '../workspace/artefact-files.ts';
import { linkSecretsForCompose } from '../workspace/secrets-file.ts';
import { countCurrentArtefacts, keepArtefacts } from './kept-artefacts.ts';
import type { Project } from './project.ts';
import type { ReadClosures } from './read-closures.ts';

export type Target = 'compose' | 'dockerfiles';
export const TARGETS: readonly Target[] = ['compose', 'dockerfiles'];

/**
 * Every file that the manifest gives for the asked targets. The renderers load the YAML library, so they are loaded late.
 *
 * @throws InvalidInput with every problem of the .NET project files that a Dockerfile depends on
 */
export async function renderTargets(project: Project, targets: readonly Target[] = TARGETS): Promise<Artefact[]> {
  return (await renderWithSources(project, targets)).artefacts;
}

async function renderWithSources(project: Project, targets: readonly Target[]) {
  const { mesh } = project;
  const { renderCompose } = await import('../render/compose/render-compose.ts');
  const { renderDockerfiles } = await import('../render/dockerfile/render-dockerfiles.ts');
  const { closures, answers } = await closuresFor(project, targets);
  const artefacts = [
    ...(targets.includes('compose') ? [renderCompose(mesh)] : []),
    ...(targets.includes('dockerfiles') ? renderDockerfiles(mesh, closures) : []),
  ];
  return { artefacts, answers };
}

async function closuresFor(project: Project, targets: readonly Target[]): Promise<ReadClosures> {
  const isDotnet = project.mesh.nodes.some(({ build }) => build?.kind === 'dotnet');
  if (!isDotnet || !targets.includes('dockerfiles')) return { closures: new Map(), answers: {} };
  return (await import('./read-closures.ts')).readClosures(project);
}

export interface Generated {
  /** Paths of the files that were written. */
  readonly written: readonly string[];
  readonly unchanged: number;
}

/**
 * Writes what differs from the disk.
 *
 * @throws MeshError MESH4002, before anything is written, when a file was edited by hand and `force` is not given
 */
export async function generateFiles(
  project: Project,
  options: { readonly targets?: readonly Target[] | undefined; readonly force?: boolean } = {},
): Promise<Generated> {
  const { targets = TARGETS } = options;
  const whole = targets.length === TARGETS.length;
  const current = whole ? countCurrentArtefacts(project) : undefined;
  if (current !== undefined) return { written: [], unchanged: current };
  const { artefacts, answers } = await renderWithSources(project, targets);
  const files = compareArtefacts(project.root, artefacts);
  refuseEdited(files, options.force === true);
  writeArtefacts(project.root, files);
  if (whole) keepArtefacts(project, files, answers);
  if (project.mesh.secrets.length > 0) linkSecretsForCompose(project.root);
  const written = files.filter((file) => file.state !== 'current').map((file) => file.artefact.path);
  return { written, unchanged: files.length - written.length };
}

function refuseEdited(files: readonly ArtefactFile[], force: boolean): void {
  const edited = files.filter((file) => file.state === 'edited').map((file) => file.artefact.path);
  if (edited.length === 0 || force) return;
  const verb = edited.length === 1 ? 'was' : 'were';
  throw new MeshError(`${edited.join(', ')} ${verb} edited by hand, and would be overwritten`, {
    code: 'MESH4002',
    hint: 'move the change into mesh.yaml, or give it up: mesh generate --force (see it with: mesh generate --check)',
  });
}
