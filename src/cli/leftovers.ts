import { MeshError } from '../diagnostics/mesh-error.ts';
import { hostAddress } from '../engine/docker/docker-host.ts';
import type { Remain } from '../engine/docker/docker-machine.ts';
import { findLeftProject, removeLeftProject } from '../engine/process/left-project.ts';
import type { PrunedMesh } from '../report/prune-table.ts';
import { systemClock } from '../time/clock.ts';
import type { RegistryEntry } from '../workspace/mesh-registry.ts';
import type { Io } from './io.ts';

/** What is left of a mesh whose folder is gone. */
export interface Leftovers {
  readonly report: PrunedMesh;
  remove(): Promise<void>;
}

/** Where the engine that it ran on cannot be asked, the report says why, and nothing is to be removed. */
export async function findLeftovers(entry: RegistryEntry, io: Io): Promise<Leftovers> {
  const { project, mesh, instance, root, engine } = entry;
  const base: PrunedMesh = {
    ...{ project, mesh, ...(instance === undefined ? {} : { instance }), root, engine },
    ...{ containers: [], networks: [], volumes: [], images: [], processes: [], folders: [] },
  };
  if (engine === 'docker') return onDocker(entry, base, io);
  return {
    report: { ...base, ...findLeftProject(root, project) },
    remove: () => removeLeftProject(root, project, systemClock),
  };
}

async function onDocker(entry: RegistryEntry, base: PrunedMesh, io: Io): Promise<Leftovers> {
  const { openDockerMachine } = await import('./open-docker-machine.ts');
  const { machine, host } = openDockerMachine(io);
  if (entry.host !== hostAddress(host)) {
    const here = hostAddress(host);
    return kept(base, `it ran on the engine at ${entry.host}, and this one is at ${here}: set DOCKER_HOST`);
  }
  const remains = await remainsIfAny(() => machine.remains(entry.project, entry.images));
  if (remains instanceof MeshError) return kept(base, remains.message);
  const names = (kind: Remain['kind']) => remains.filter((one) => one.kind === kind).map(({ name }) => name);
  const found = { containers: names('container'), networks: names('network'), volumes: names('volume') };
  // Some of its services may have run on the host.
  const hosted = findLeftProject(entry.root, entry.project);
  return {
    report: { ...base, ...found, images: names('image'), ...hosted },
    async remove() {
      await machine.remove(remains);
      await removeLeftProject(entry.root, entry.project, systemClock);
    },
  };
}

function kept(base: PrunedMesh, skipped: string): Leftovers {
  return { report: { ...base, skipped }, remove: async () => {} };
}

/** What an engine that does not answer has is left for another day; the other meshes are not. */
async function remainsIfAny(ask: () => Promise<readonly Remain[]>): Promise<readonly Remain[] | MeshError> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof MeshError && error.code === 'MESH2001') return error;
    throw error;
  }
}
