import type { ImageStore } from '../engine/docker/image-store.ts';
import { type Mesh, nodeOf } from '../mesh/mesh.ts';
import type { Clock } from '../time/clock.ts';
import { openFileDigests } from './file-digests.ts';
import { planBuilds } from './plan-builds.ts';

export interface OutdatedRequest {
  readonly mesh: Mesh;
  readonly root: string;
  /** All with a `build`. */
  readonly nodes: readonly string[];
  readonly images: Pick<ImageStore, 'inspect'>;
  readonly clock: Clock;
}

/**
 * The nodes whose images mesh built from other inputs than there are now. Of an image that somebody else built, and of
 * inputs that cannot be read, nothing is said: it is used as it is.
 */
export async function outdatedImages({ mesh, root, nodes, images, clock }: OutdatedRequest): Promise<Set<string>> {
  const names = (node: string) => [nodeOf(mesh, node).image];
  const digests = openFileDigests(root, clock);
  const planned = await planBuilds({ mesh, nodes, names, platforms: [], images, digests });
  return new Set(planned.filter(({ isOutdated }) => isOutdated).map(({ node }) => node));
}
