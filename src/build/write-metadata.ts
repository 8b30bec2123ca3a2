import { writeFileSync } from 'node:fs';
import type { ImageStore } from '../engine/docker/image-store.ts';
import { attempt } from '../workspace/state-folder.ts';
import type { PlannedBuild } from './plan-builds.ts';

export interface MetadataParts {
  readonly planned: readonly PlannedBuild[];
  /** What bake said of those that were built. */
  readonly metadata: Readonly<Record<string, unknown>>;
  /** Where the images are: on the engine, or in the registry that they were pushed to. */
  readonly images: Pick<ImageStore, 'inspect'>;
}

/**
 * Digests and names of all images, in bake's own form. Of what was up to date, bake knows nothing, so it is asked
 * what is there.
 *
 * @throws MeshError MESH2011 when the file cannot be written
 */
export async function writeMetadata(file: string, { planned, metadata, images }: MetadataParts): Promise<void> {
  const found = await images.inspect(planned.flatMap(({ names }) => names));
  const kept = planned.flatMap(({ node, names, upToDate }) => {
    const id = found.get(names[0] ?? '')?.id;
    if (!upToDate || id === undefined) return [];
    return [[node, { 'containerimage.digest': id, 'image.name': names.join(',') }] as const];
  });
  const whole = { ...Object.fromEntries(kept), ...metadata };
  attempt(file, () => writeFileSync(file, `${JSON.stringify(whole, null, 2)}\n`));
}
