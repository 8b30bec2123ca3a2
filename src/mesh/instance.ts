import { createHash } from 'node:crypto';
import path from 'node:path';

/** A mesh that was brought up on this machine, as the list of all of them keeps it. */
export interface RegisteredMesh {
  /** The Compose project; no two entries have the same. */
  readonly project: string;
  readonly mesh: string;
  /** Missing for the main one. */
  readonly instance?: string | undefined;
  /** Whether the name follows from the folder, or somebody asked for it. */
  readonly origin: 'derived' | 'asked';
  /** Absolute path of the folder of the manifest. */
  readonly root: string;
  /** What its host ports are above those of the manifest. */
  readonly offset: number;
  /** Every fixed host port that it publishes, in order. */
  readonly ports: readonly number[];
}

/** What is known of a mesh before its project has a name. */
export interface Checkout {
  readonly mesh: string;
  /** Absolute path of the folder of the manifest. */
  readonly root: string;
  /** `--project`, which wins over every name that is made here. */
  readonly project?: string | undefined;
  /** `--instance` */
  readonly asked?: string | undefined;
  /** The name of the linked git worktree that it is in; missing in a main worktree and outside of git. */
  readonly worktree?: string | undefined;
  /** Absolute path of the checkout, which may be above the manifest. */
  readonly top: string;
}

export interface InstanceChoice {
  /** Missing for the main one. */
  readonly instance: string | undefined;
  readonly project: string;
  readonly origin: RegisteredMesh['origin'];
}

/**
 * Which instance a checkout is: the one that was asked for; else the one that it was before; else that of its git
 * worktree; else the main one, or one named after its folder where another living folder is the main one already.
 */
export function chooseInstance(
  checkout: Checkout,
  registered: readonly RegisteredMesh[],
  isThere: (root: string) => boolean,
): InstanceChoice {
  const { mesh, root, project, asked } = checkout;
  const choice = (instance: string | undefined): InstanceChoice => ({
    instance,
    project: project ?? projectName(mesh, instance),
    origin: asked === undefined && project === undefined ? 'derived' : 'asked',
  });
  if (asked !== undefined) return choice(asked);
  const own = registered.find((entry) => entry.root === root && entry.mesh === mesh && entry.origin === 'derived');
  if (own !== undefined) return choice(own.instance);
  const worktree = checkout.worktree === undefined ? undefined : instanceName(checkout.worktree);
  if (project !== undefined) return choice(worktree);
  const isFree = (instance: string | undefined) => {
    const holder = registered.find((entry) => entry.project === projectName(mesh, instance));
    return holder === undefined || holder.root === root || !isThere(holder.root);
  };
  if (worktree === undefined && isFree(undefined)) return choice(undefined);
  return choice(firstFree(worktree ?? instanceName(path.basename(checkout.top)) ?? 'copy', isFree));
}

/** `feature`, `feature-2`, `feature-3` … */
function firstFree(name: string, isFree: (instance: string) => boolean): string {
  for (let number = 1; ; number++) {
    const candidate = number === 1 ? name : `${name}-${number}`;
    if (isFree(candidate)) return candidate;
  }
}

/** What people call it, as Compose allows it: `Feature/X` → `feature-x`. Nothing when nothing is left of it. */
export function instanceName(text: string): string | undefined {
  const name = text
    .toLowerCase()
    .replaceAll(/[^a-z0-9_-]+/g, '-')
    .replaceAll(/^[-_]+|[-_]+$/g, '');
  return name === '' ? undefined : name;
}

/** A container's name begins with that of its project, and is a host name: 63 characters, those of the node included. */
const LONGEST_PROJECT = 40;
const HASH_LENGTH = 6;

/** The Compose project of an instance. One that would be too long is cut, and stays unlike all others by a hash. */
export function projectName(mesh: string, instance: string | undefined): string {
  if (instance === undefined) return mesh;
  const whole = `${mesh}-${instance}`;
  if (whole.length <= LONGEST_PROJECT) return whole;
  const hash = createHash('sha256').update(whole).digest('hex').slice(0, HASH_LENGTH);
  return `${whole.slice(0, LONGEST_PROJECT - HASH_LENGTH - 1).replace(/[-_]+$/, '')}-${hash}`;
}
