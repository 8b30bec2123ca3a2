import type { ImageStore } from '../engine/docker/image-store.ts';
import { type Mesh, nodeOf } from '../mesh/mesh.ts';
import { type BuildInputs, hashInputs, INPUTS_LABEL, readBuildInputs } from './build-inputs.ts';
import type { FileDigests } from './file-digests.ts';

/** What is to be done for the image of a node, and why. */
export interface PlannedBuild {
  readonly node: string;
  /** All names that the image is to have. */
  readonly names: readonly string[];
  /** Stands for all that the image is made from; missing when that cannot be told. */
  readonly hash: string | undefined;
  readonly upToDate: boolean;
  readonly because: string;
}

export interface PlanBuildsRequest {
  readonly mesh: Mesh;
  readonly nodes: readonly string[];
  readonly names: (node: string) => readonly string[];
  readonly platforms: readonly string[];
  readonly images: Pick<ImageStore, 'inspect'>;
  readonly digests: FileDigests;
  /** Why every one is built, whatever there is; missing when an image of the same inputs will do. */
  readonly always?: string | undefined;
}

/** Compares what each image would be made from with what the one that is there was made from. */
export async function planBuilds(request: PlanBuildsRequest): Promise<readonly PlannedBuild[]> {
  const { mesh, nodes, names, images, digests, platforms, always } = request;
  const read = new Map(nodes.map((node) => [node, readBuildInputs(mesh, node)]));
  const bases = [...read.values()].flatMap((inputs) => inputs?.reads.images ?? []);
  const found = await images.inspect([...nodes.flatMap(names), ...bases]);
  const planned = nodes.map((node): PlannedBuild => {
    const inputs = read.get(node);
    const hash = inputs === undefined ? undefined : hashOf(inputs);
    const labels = names(node).map((name) => found.get(name)?.labels[INPUTS_LABEL]);
    const because = always ?? causeOf(hash, labels, inputs);
    return { node, names: names(node), hash, upToDate: because === undefined, because: because ?? 'up to date' };
  });
  digests.keep();
  return planned;

  function hashOf(inputs: BuildInputs): string | undefined {
    try {
      // Whatever the triggers of a base image copy.
      const isTriggered = inputs.reads.images.some((name) => found.get(name)?.hasTriggers === true);
      const reads = isTriggered ? { ...inputs.reads, paths: ['.'] } : inputs.reads;
      return hashInputs({ ...inputs, reads }, { digests, platforms, imageId: (name) => found.get(name)?.id });
    } catch {
      // A file that cannot be read, or went away meanwhile: the build itself says what is wrong with it.
      return undefined;
    }
  }
}

/** Why an image has to be built; nothing when the one that is there will do. */
function causeOf(
  hash: string | undefined,
  labels: readonly (string | undefined)[],
  inputs: BuildInputs | undefined,
): string | undefined {
  if (hash === undefined) return 'its inputs cannot be read';
  if (inputs?.reads.remote === true) return 'its Dockerfile adds something from the network';
  if (labels.every((label) => label === undefined)) return 'there is no image that mesh built';
  return labels.every((label) => label === hash) ? undefined : 'its inputs changed';
}

/** Whether a Dockerfile that mesh did not write copies `.mesh/`, with the secrets in it. */
export function copiesSecrets(mesh: Mesh, node: string): boolean {
  const { build } = nodeOf(mesh, node);
  if (build?.kind !== 'dockerfile' || build.context !== '.') return false;
  const inputs = readBuildInputs(mesh, node);
  return inputs?.reads.paths.includes('.') === true && !inputs.rules.ignores('.mesh/secrets.env');
}
