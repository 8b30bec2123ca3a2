import { MeshError } from '../diagnostics/mesh-error.ts';
import type { Artefact } from '../mesh/artefact.ts';
import type { Mesh } from '../mesh/mesh.ts';
import { renderCompose } from '../render/compose/render-compose.ts';
import { renderDockerfiles } from '../render/dockerfile/render-dockerfiles.ts';
import { type ArtefactFile, compareArtefacts, writeArtefacts } from '../workspace/artefact-files.ts';
import type { Project } from './project.ts';

export type Target = 'compose' | 'dockerfiles';
export const TARGETS: readonly Target[] = ['compose', 'dockerfiles'];

/** Every file that the manifest gives for the asked targets. */
export function renderTargets(mesh: Mesh, targets: readonly Target[] = TARGETS): Artefact[] {
  return [
    ...(targets.includes('compose') ? [renderCompose(mesh)] : []),
    ...(targets.includes('dockerfiles') ? renderDockerfiles(mesh) : []),
  ];
}

/**
 * Writes what differs from the disk.
 *
 * @throws MeshError MESH4002, before anything is written, when a file was edited by hand and `force` is not given
 */
export function generateFiles(
  project: Project,
  options: { readonly targets?: readonly Target[]; readonly force?: boolean } = {},
): {
  readonly written: number;
  readonly unchanged: number;
  readonly files: readonly ArtefactFile[];
} {
  const files = compareArtefacts(project.root, renderTargets(project.mesh, options.targets));
  const edited = files.filter((file) => file.state === 'edited').map((file) => file.artefact.path);
  if (edited.length > 0 && options.force !== true) {
    throw new MeshError(
      `${edited.join(', ')} ${edited.length === 1 ? 'was' : 'were'} edited by hand, and would be overwritten`,
      {
        code: 'MESH4002',
        hint: 'move the change into mesh.yaml, or give it up: mesh generate --force (see it with: mesh generate --check)',
      },
    );
  }
  const written = writeArtefacts(project.root, files);
  return { written, unchanged: files.length - written, files };
}
