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
  /** Whether there is an image that mesh built from other inputs. */
  readonly isOutdated: boolean;
  readonly because: string;
  /** Names of an image that is up to date which it does not have yet, beside one that it has. */
  readonly more?: MoreNames | undefined;
}

export interface MoreNames {
  readonly from: string;
  readonly names: readonly string[];
}

export interface PlanBuildsRequest {
  readonly mesh: Mesh;
  readonly nodes: readonly string[];
  readonly names: (node: string) => readonly string[];
  readonly platforms: readonly string[];
  /** Where the images are looked for. */
  readonly images: Pick<ImageStore, 'inspect'>;
  /** Where those are that they begin with; the same place when missing. */
  readonly bases?: Pick<ImageStore, 'inspect'> | undefined;
  /** Whether an image that has some of its names is built for the others, or only given them. */
  readonly missingNames?: 'build' | 'add' | undefined;
  /** What is attached to the images, where that tells them apart. */
  readonly attest?: readonly string[] | undefined;
  readonly digests: FileDigests;
  /** Why every one is built, whatever there is; missing when an image of the same inputs will do. */
  readonly always?: string | undefined;
}

/** Compares what each image would be made from with what the one that is there was made from. */
export async function planBuilds(request: PlanBuildsRequest): Promise<readonly PlannedBuild[]> {
  const { mesh, nodes, names, images, bases = images, digests, always } = request;
  const read = new Map(nodes.map((node) => [node, readBuildInputs(mesh, node)]));
  const [found, base] = await Promise.all([
    // What is built in any case needs nothing to be compared with.
    images.inspect(always === undefined ? nodes.flatMap(names) : []),
    bases.inspect([...read.values()].flatMap((inputs) => inputs?.reads.images ?? [])),
  ]);
  const planned = nodes.map((node): PlannedBuild => {
    const inputs = read.get(node);
    const hash = inputs === undefined ? undefined : hashOf(inputs);
    const labels = new Map(names(node).map((name) => [name, found.get(name)?.labels[INPUTS_LABEL]]));
    const more = request.missingNames === 'add' ? moreNames(hash, labels) : undefined;
    const wanted = [...labels].filter(([name]) => more?.names.includes(name) !== true).map(([, label]) => label);
    const because = always ?? causeOf(hash, wanted, inputs);
    const isOutdated = hash !== undefined && wanted.some((label) => label !== undefined && label !== hash);
    const shared = { node, names: names(node), hash, isOutdated };
    if (because !== undefined) return { ...shared, upToDate: false, because };
    return {
      ...shared,
      upToDate: true,
      because: more === undefined ? 'up to date' : `up to date as ${more.from}`,
      more,
    };
  });
  digests.keep();
  return planned;

  function hashOf(inputs: BuildInputs): string | undefined {
    try {
      // Whatever the triggers of a base image copy.
      const isTriggered = inputs.reads.images.some((name) => base.get(name)?.hasTriggers === true);
      const reads = isTriggered ? { ...inputs.reads, paths: ['.'] } : inputs.reads;
      return hashInputs({ ...inputs, reads }, { ...request, imageId: (name) => base.get(name)?.id });
    } catch {
      // A file that cannot be read, or went away meanwhile: the build itself says what is wrong with it.
      return undefined;
    }
  }
}

/** The names that are missing or belong to another image, where one of them is that of an image of the same inputs. */
function moreNames(hash: string | undefined, labels: ReadonlyMap<string, string | undefined>): MoreNames | undefined {
  const [from] = [...labels].find(([, label]) => hash !== undefined && label === hash) ?? [];
  const names = [...labels].filter(([, label]) => label !== hash).map(([name]) => name);
  return from === undefined || names.length === 0 ? undefined : { from, names };
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
