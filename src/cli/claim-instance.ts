import { existsSync } from 'node:fs';
import { MeshError } from '../diagnostics/mesh-error.ts';
import { hostAddress } from '../engine/docker/docker-host.ts';
import type { Mesh } from '../mesh/mesh.ts';
import { systemClock } from '../time/clock.ts';
import {
  lockRegistry,
  type RegistryEntry,
  readRegistry,
  registryFile,
  withEntry,
  writeRegistry,
} from '../workspace/mesh-registry.ts';
import type { Io } from './io.ts';
import type { OpenEngine } from './opened-engine.ts';
import type { Project } from './opened-project.ts';

export interface Claimed {
  /** The very one that was given, unless it had to be chosen again with another outcome. */
  readonly project: Project;
  /** What the user should know: the list could not be written. */
  readonly notices: readonly string[];
}

/**
 * Enters a mesh that comes up into the list of this machine, so that its name and ports stay its own. Another one may
 * have taken them since they were chosen: they are chosen again while nobody else can, and the outcome may differ.
 *
 * @throws MeshError MESH2031 when the instance that was asked for is that of another folder
 */
export async function claimInstance(
  project: Project,
  opened: OpenEngine,
  io: Io,
  reopen: () => Promise<Project>,
): Promise<Claimed> {
  const file = registryFile(io.env, io.home);
  const chosen = entryOf(project, opened);
  if (isEntered(readRegistry(file), chosen)) return { project, notices: [] };
  try {
    using _lock = await lockRegistry(file, systemClock, io.signal);
    const claimed = await reopen();
    const entries = readRegistry(file);
    const entry = entryOf(claimed, opened);
    refuseTaken(entries, entry);
    writeRegistry(file, withEntry(entries, entry));
    return { project: isSame(chosen, entry) ? project : claimed, notices: [] };
  } catch (error) {
    // A home that cannot be written is no reason to do nothing; only other copies will not know of this one.
    if (!(error instanceof MeshError) || error.code !== 'MESH2011') throw error;
    return { project, notices: [`this mesh is not in the list of meshes: ${error.message}`] };
  }
}

function entryOf({ mesh, root, origin }: Project, opened: OpenEngine): RegistryEntry {
  const { instance } = mesh;
  return {
    project: mesh.project,
    mesh: mesh.name,
    ...(instance === undefined ? {} : { instance: instance.name }),
    origin,
    root,
    offset: instance?.offset ?? 0,
    ports: fixedPortsOf(mesh),
    engine: opened.host === undefined ? 'process' : 'docker',
    ...(opened.host === undefined ? {} : { host: hostAddress(opened.host) }),
    images: ownImagesOf(mesh),
    updatedAt: systemClock.date().toISOString(),
  };
}

function fixedPortsOf(mesh: Mesh): number[] {
  const ports = mesh.nodes.flatMap((node) =>
    node.endpoints.flatMap(({ host }) => (host.kind === 'fixed' ? [host.port] : [])),
  );
  return [...new Set(ports)].sort((a, b) => a - b);
}

/** An image that the manifest names itself is shared by all copies. */
function ownImagesOf(mesh: Mesh): string[] {
  if (mesh.instance === undefined) return [];
  return mesh.nodes
    .filter(({ build, image, name }) => build !== undefined && image === `${mesh.project}-${name}`)
    .map(({ image }) => image);
}

function isEntered(entries: readonly RegistryEntry[], wanted: RegistryEntry): boolean {
  const found = entries.find((entry) => entry.project === wanted.project);
  return found !== undefined && isSame(wanted, found);
}

function isSame(a: RegistryEntry, b: RegistryEntry): boolean {
  return JSON.stringify({ ...a, updatedAt: '' }) === JSON.stringify({ ...b, updatedAt: '' });
}

/** `--project` takes a name from whoever has it; what runs under it is still told apart by its containers. */
function refuseTaken(entries: readonly RegistryEntry[], wanted: RegistryEntry): void {
  if (wanted.origin !== 'asked' || wanted.instance === undefined) return;
  const holder = entries.find((entry) => entry.project === wanted.project);
  if (holder === undefined || holder.root === wanted.root || !existsSync(holder.root)) return;
  throw new MeshError(`instance ${wanted.instance} of ${wanted.mesh} is that of ${holder.root}`, {
    code: 'MESH2031',
    hint: 'choose another name: --instance NAME (see them all: mesh dev ls)',
  });
}
