import { existsSync } from 'node:fs';
import path from 'node:path';
import { messageOf } from '../diagnostics/mesh-error.ts';
import { hostAddress } from '../engine/docker/docker-host.ts';
import type { MeshOnEngine } from '../engine/docker/docker-machine.ts';
import { countNodes } from '../engine/process/left-project.ts';
import type { ListedMesh } from '../report/meshes-table.ts';
import { type RegistryEntry, readRegistry, registryFile } from '../workspace/mesh-registry.ts';
import type { Io } from './io.ts';

export interface MeshesHere {
  readonly meshes: readonly ListedMesh[];
  /** Why the engine could not be asked. */
  readonly problem: string | undefined;
}

/** Every mesh that this machine knows of: the list, and what the engine has beside it, such as after the list was lost. */
export async function findMeshesHere(io: Io): Promise<MeshesHere> {
  const entries = readRegistry(registryFile(io.env, io.home));
  const { found, address, problem } = await askEngine(io);
  const byProject = new Map(found.map((mesh) => [mesh.project, mesh]));
  const listed = entries.map((entry): ListedMesh => {
    if (entry.engine === 'process') return listedEntry(entry, countNodes(entry.root, entry.project));
    const isAsked = address !== undefined && entry.host === address;
    return listedEntry(entry, isAsked ? withHosted(entry, byProject.get(entry.project) ?? NOTHING_MADE) : {});
  });
  const known = new Set(entries.map((entry) => entry.project));
  const unknown = found.filter((mesh) => !known.has(mesh.project)).map(unlisted);
  const meshes = [...listed, ...unknown].sort((a, b) => compare(a.project, b.project));
  return { meshes, problem };
}

/** Some of its services may run on the host beside the containers. */
function withHosted({ root, project }: RegistryEntry, made: { readonly running: number; readonly nodes: number }) {
  const hosted = countNodes(root, project);
  return { running: made.running + hosted.running, nodes: made.nodes + hosted.nodes };
}

const NOTHING_MADE = { running: 0, nodes: 0 } as const;

interface Answer {
  readonly found: readonly MeshOnEngine[];
  readonly address: string | undefined;
  readonly problem: string | undefined;
}

async function askEngine(io: Io): Promise<Answer> {
  try {
    const { openDockerMachine } = await import('./open-docker-machine.ts');
    const { machine, host } = openDockerMachine(io);
    return { found: await machine.meshes(), address: hostAddress(host), problem: undefined };
  } catch (error) {
    return { found: [], address: undefined, problem: messageOf(error) };
  }
}

function listedEntry(entry: RegistryEntry, count: Pick<ListedMesh, 'running' | 'nodes'>): ListedMesh {
  const { project, mesh, instance, root, engine, offset, ports, updatedAt } = entry;
  return {
    ...{ project, mesh, ...(instance === undefined ? {} : { instance }), root, isThere: existsSync(root) },
    ...{ engine, ...count, offset, ports, updatedAt, listed: true },
  };
}

function unlisted(mesh: MeshOnEngine): ListedMesh {
  const { project, running, nodes, ports } = mesh;
  const root = mesh.workingDir === undefined ? '' : path.dirname(mesh.workingDir);
  return {
    project,
    mesh: project,
    root,
    isThere: existsSync(root),
    engine: 'docker',
    running,
    nodes,
    ports,
    listed: false,
  };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
