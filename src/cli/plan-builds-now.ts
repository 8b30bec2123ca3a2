import type { BuilderInUse } from '../build/builder-in-use.ts';
import { openFileDigests } from '../build/file-digests.ts';
import { type PlannedBuild, planBuilds } from '../build/plan-builds.ts';
import { MeshError } from '../diagnostics/mesh-error.ts';
import type { ImageStore } from '../engine/docker/image-store.ts';
import { inOrder, type RegistryImages } from '../engine/docker/registry-images.ts';
import type { Mesh } from '../mesh/mesh.ts';
import { systemClock } from '../time/clock.ts';
import type { BuildRequest } from './build-options.ts';

export interface PlanParts {
  readonly mesh: Mesh;
  readonly root: string;
  readonly nodes: readonly string[];
  readonly request: BuildRequest;
  readonly images: Pick<ImageStore, 'inspect'>;
  /** Where images are pushed to; missing when they are not. */
  readonly registry: RegistryImages | undefined;
  readonly builder: () => Promise<BuilderInUse>;
}

/** For a push, what is in the registry counts, and not what this machine has. */
export async function planBuildsNow(parts: PlanParts): Promise<readonly PlannedBuild[]> {
  const { mesh, root, nodes, request, images, registry, builder } = parts;
  const digests = openFileDigests(root, systemClock);
  const usual = { ...request, mesh, nodes, images, digests, attest: [] };
  if (registry === undefined) return await planBuilds(usual);
  // Machines of another kind push under the same names.
  const platforms = request.platforms.length > 0 ? request.platforms : [(await builder()).platform];
  const places = { images: registry, bases: inOrder(registry, images), missingNames: 'add' } as const;
  return await planBuilds({ ...usual, ...places, platforms, attest: request.attest });
}

const NO_IMAGES: Pick<ImageStore, 'inspect'> = { inspect: async () => new Map() };

/** The same on a machine without an engine, too: what a change affects can be told there. */
export async function planBuildsAnywhere(parts: PlanParts): Promise<readonly PlannedBuild[]> {
  try {
    return await planBuildsNow(parts);
  } catch (error) {
    if (!isEngineMissing(error)) throw error;
    const request = { ...parts.request, always: 'no engine answers that could have its image' };
    return await planBuildsNow({ ...parts, images: NO_IMAGES, registry: undefined, request });
  }
}

function isEngineMissing(error: unknown): boolean {
  return error instanceof MeshError && (error.code === 'MESH2001' || error.code === 'MESH2002');
}

/** Gives images that are in the registry the names that they lack; those of which that is refused are built. */
export async function addNames(
  planned: readonly PlannedBuild[],
  registry: RegistryImages | undefined,
): Promise<readonly PlannedBuild[]> {
  return await Promise.all(
    planned.map(async (build): Promise<PlannedBuild> => {
      const { more } = build;
      if (more === undefined || (await registry?.addNames(more.from, more.names)) === true) return build;
      return { ...build, upToDate: false, because: `its image could not be given the name ${more.names.join(', ')}` };
    }),
  );
}
