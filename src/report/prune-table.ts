import type { Styles } from './styles.ts';

/** What is left of a mesh whose folder is gone. Also the shape of `mesh dev prune --json`; additions only. */
export interface PrunedMesh {
  readonly project: string;
  readonly mesh: string;
  readonly instance?: string | undefined;
  readonly root: string;
  readonly engine: 'docker' | 'process';
  readonly containers: readonly string[];
  readonly networks: readonly string[];
  readonly volumes: readonly string[];
  /** Names of images that were built for it alone. */
  readonly images: readonly string[];
  /** Ids of processes on this machine. */
  readonly processes: readonly number[];
  /** Data outside of its folder. */
  readonly folders: readonly string[];
  /** Why it was left alone. */
  readonly skipped?: string | undefined;
}

export interface PruneTableOptions {
  readonly styles: Styles;
  readonly dryRun: boolean;
}

/** A heading for each mesh, and a line for every kind of thing: this is read before data is given up. */
export function renderPruneTable(meshes: readonly PrunedMesh[], { styles, dryRun }: PruneTableOptions): string {
  if (meshes.length === 0) return 'nothing to remove: the folder of every mesh is there\n';
  const blocks = meshes.map((mesh) => {
    const verb = mesh.skipped !== undefined ? 'kept' : dryRun ? 'would remove' : 'removed';
    const lines = mesh.skipped === undefined ? thingsOf(mesh) : [mesh.skipped];
    return [`${verb} ${styles.bold(mesh.project)}: ${mesh.root} is gone`, ...lines.map((line) => `  ${line}`)];
  });
  return `${blocks.flat().join('\n')}\n`;
}

function thingsOf(mesh: PrunedMesh): string[] {
  const kinds: readonly (readonly [one: string, many: string, names: readonly (string | number)[]])[] = [
    ['container', 'containers', mesh.containers],
    ['network', 'networks', mesh.networks],
    ['volume', 'volumes', mesh.volumes],
    ['image', 'images', mesh.images],
    ['process', 'processes', mesh.processes],
    ['folder', 'folders', mesh.folders],
  ];
  const lines = kinds.flatMap(([one, many, names]) =>
    names.length === 0 ? [] : [`${names.length === 1 ? one : many} ${names.join(', ')}`],
  );
  return lines.length === 0 ? ['nothing but its entry in the list of meshes'] : lines;
}
