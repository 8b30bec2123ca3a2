import { MeshError } from '../diagnostics/mesh-error.ts';
import type { ProjectClosures } from '../dotnet/project-closure.ts';
import type { Artefact } from '../mesh/artefact.ts';
import type { Mesh } from '../mesh/mesh.ts';
import { type ArtefactFile, compareArtefacts, writeArtefacts } from '../workspace/artefact-files.ts';
import { linkSecretsForCompose } from '../workspace/secrets-file.ts';
import { countCurrentArtefacts, keepArtefacts } from './kept-artefacts.ts';
import type { Project } from './project.ts';
import type { ReadClosures } from './read-closures.ts';

export type Target = 'compose' | 'dockerfiles' | 'k8s' | 'infra' | 'helm';
export const TARGETS: readonly Target[] = ['compose', 'dockerfiles', 'k8s', 'infra', 'helm'];
/** What a mesh that runs on this machine is made of; `mesh dev up` leaves all other files alone. */
export const TARGETS_OF_UP: readonly Target[] = ['compose', 'dockerfiles'];

/** Those whose files have placeholders for secrets, which a stream to kubectl has values for. */
export const TARGETS_WITH_SECRETS: readonly Target[] = ['k8s', 'infra'];

/** The renderers load the YAML library, and few commands need them all, so each is loaded late. */
const RENDER: {
  readonly [T in Target]: (project: Project, closures: ProjectClosures) => Promise<readonly Artefact[]>;
} = {
  compose: async ({ mesh }) => [(await import('../render/compose/render-compose.ts')).renderCompose(mesh)],
  dockerfiles: async ({ mesh }, closures) =>
    (await import('../render/dockerfile/render-dockerfiles.ts')).renderDockerfiles(mesh, closures),
  k8s: async ({ mesh }) => (await import('../render/kubernetes/render-services.ts')).renderKubernetesServices(mesh),
  infra: async ({ mesh }) =>
    (await import('../render/kubernetes/render-infrastructure.ts')).renderKubernetesInfrastructure(mesh),
  // A chart is for every environment, and so reads the manifest itself.
  helm: async (project) => {
    const { readEnvironments } = await import('./read-environments.ts');
    return (await import('../render/helm/render-helm.ts')).renderHelm(readEnvironments(project));
  },
};

/**
 * Every file that the manifest gives for the asked targets, in the order of {@link TARGETS}.
 *
 * @throws InvalidInput with every problem of the .NET project files that a Dockerfile depends on
 */
export async function renderTargets(project: Project, targets: readonly Target[]): Promise<Artefact[]> {
  return await renderWith(project, targets, (await readFor(project, targets)).closures);
}

async function renderWith(
  project: Project,
  targets: readonly Target[],
  closures: ProjectClosures,
): Promise<Artefact[]> {
  const asked = TARGETS.filter((target) => targets.includes(target));
  return (await Promise.all(asked.map((target) => RENDER[target](project, closures)))).flat();
}

/** What the asked targets depend on besides the manifest. */
async function readFor(project: Project, targets: readonly Target[]): Promise<ReadClosures> {
  const isDotnet = project.mesh.nodes.some(({ build }) => build?.kind === 'dotnet');
  if (!isDotnet || !targets.includes('dockerfiles')) return { closures: new Map(), answers: {} };
  return (await import('./read-closures.ts')).readClosures(project);
}

/**
 * The Kubernetes objects of the asked targets, a text for each file, with values in the place of placeholders. What is
 * only for files, kustomizations, is left out.
 */
export async function renderFilled(
  mesh: Mesh,
  targets: readonly Target[],
  values: {
    readonly secrets: ReadonlyMap<string, string>;
    readonly variables: Readonly<Record<string, string | undefined>>;
  },
): Promise<string[]> {
  const { filledWith } = await import('../render/kubernetes/fill.ts');
  const { isKustomization } = await import('../render/kubernetes/kustomization.ts');
  const { renderKubernetesInfrastructure } = await import('../render/kubernetes/render-infrastructure.ts');
  const { renderKubernetesServices } = await import('../render/kubernetes/render-services.ts');
  const fill = filledWith(values.secrets, values.variables);
  const artefacts = [
    ...(targets.includes('infra') ? renderKubernetesInfrastructure(mesh, fill) : []),
    ...(targets.includes('k8s') ? renderKubernetesServices(mesh, fill) : []),
  ];
  return artefacts.filter((artefact) => !isKustomization(artefact)).map(({ text }) => text);
}

export interface Generated {
  /** Paths of the files that were written. */
  readonly written: readonly string[];
  /** Those that an earlier run wrote and that would be wrong now. */
  readonly removed: readonly string[];
  readonly unchanged: number;
}

/**
 * Writes what differs from the disk.
 *
 * @throws MeshError MESH4002, before anything is written, when a file was edited by hand and `force` is not given
 */
export async function generateFiles(
  project: Project,
  options: { readonly targets: readonly Target[]; readonly force?: boolean },
): Promise<Generated> {
  const { targets } = options;
  const current = countCurrentArtefacts(project, targets);
  if (current !== undefined) return { written: [], removed: [], unchanged: current };
  const { closures, answers } = await readFor(project, targets);
  const files = compareArtefacts(project.root, await renderWith(project, targets, closures));
  refuseEdited(files, options.force === true);
  writeArtefacts(project.root, files);
  const removed = pathsOf(files, (state) => state === 'abandoned');
  const kept = files.filter((file) => file.state !== 'abandoned');
  keepArtefacts(project, targets, kept, answers);
  if (project.mesh.secrets.length > 0) linkSecretsForCompose(project.root);
  const written = pathsOf(files, (state) => state !== 'current' && state !== 'abandoned');
  return { written, removed, unchanged: files.length - written.length - removed.length };
}

function pathsOf(files: readonly ArtefactFile[], fits: (state: ArtefactFile['state']) => boolean): string[] {
  return files.filter((file) => fits(file.state)).map((file) => file.artefact.path);
}

function refuseEdited(files: readonly ArtefactFile[], force: boolean): void {
  const edited = pathsOf(files, (state) => state === 'edited');
  if (edited.length === 0 || force) return;
  const verb = edited.length === 1 ? 'was' : 'were';
  throw new MeshError(`${edited.join(', ')} ${verb} edited by hand, and would be overwritten`, {
    code: 'MESH4002',
    hint: 'move the change into mesh.yaml, or give it up: mesh generate --force (see it with: mesh generate --check)',
  });
}
