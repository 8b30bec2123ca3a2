import { createHash } from 'node:crypto';
import { platform } from 'node:os';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { InvalidInput, MeshError } from '../diagnostics/mesh-error.ts';
import type { HostAccess } from '../engine/docker/host-access.ts';
import { allotPorts, type PortNeed } from '../engine/process/host-ports.ts';
import { isPortFree } from '../machine/ports.ts';
import { portKey } from '../mesh/host-ports.ts';
import type { Mesh } from '../mesh/mesh.ts';
import { endpointsCalledBy, HOST_ALIAS, NOTHING_PLACED, type Placement } from '../mesh/placement.ts';
import { unknownNames } from '../mesh/select-nodes.ts';
import type { OpenEngine } from './opened-engine.ts';
import type { Project } from './opened-project.ts';
import { placeProject } from './place-project.ts';

/** Services to move to the host, and back into containers. */
export interface Move {
  readonly toHost: readonly string[];
  readonly toContainer: readonly string[];
}

/**
 * The project after a move, with a port for everything that needs one. Nothing is written and nothing is moved yet.
 *
 * @throws InvalidInput when a name is none of a service; MeshError MESH2040 when containers of this engine cannot reach
 *   the host
 */
export async function moveNodes(project: Project, opened: OpenEngine, move: Move): Promise<Project> {
  const { unplaced } = project;
  checkMovable(project, move);
  const before = project.placement ?? NOTHING_PLACED;
  const wanted = new Set([...before.local, ...move.toHost]);
  for (const name of move.toContainer) wanted.delete(name);
  // Those that the manifest no longer has are forgotten.
  const local = unplaced.nodes.map(({ name }) => name).filter((name) => wanted.has(name));
  if (local.length === 0) return placeProject(project, before.local.length > 0 ? NOTHING_PLACED : project.placement);
  const access = await accessOf(opened, local);
  return placeProject(project, await allot({ mesh: unplaced, local, before, access }));
}

function checkMovable({ unplaced, sources }: Project, { toHost, toContainer }: Move): void {
  const names = [...toHost, ...toContainer];
  const problems = [...unknownNames(unplaced, names)];
  for (const node of unplaced.nodes) {
    if (node.kind === 'service' || !names.includes(node.name)) continue;
    const problem: Diagnostic = {
      code: 'MESH2040',
      severity: 'error',
      message: `${node.name} is infrastructure, and stays where it is: only services move between host and container`,
      location: node.at,
      hint: `processes of this machine reach it by its published port: mesh dev ports`,
    };
    problems.push(problem);
  }
  if (problems.length > 0) throw new InvalidInput(problems, sources);
}

async function accessOf({ host }: OpenEngine, local: readonly string[]): Promise<HostAccess> {
  if (host === undefined) return { kind: 'direct' };
  const { findHostAccess } = await import('../engine/docker/host-access.ts');
  const access = await findHostAccess(host, platform());
  if (access.kind !== 'none') return access;
  throw new MeshError(`${local.join(', ')} cannot run on the host: ${access.reason}, so containers cannot call it`, {
    code: 'MESH2040',
    hint: 'use an engine of this machine, or leave all in containers',
  });
}

interface Allotment {
  readonly mesh: Mesh;
  readonly local: readonly string[];
  readonly before: Placement;
  readonly access: HostAccess;
}

/** Ports that were given once stay, so that addresses are the same from run to run. */
async function allot({ mesh, local, before, access }: Allotment): Promise<Placement> {
  const needs = hostPortNeeds(mesh, local);
  // A program on the host may listen on all addresses, so the way in for containers has a port of its own.
  const reachNeeds = access.kind === 'bridge' ? reachPortNeeds(mesh, local) : [];
  const keptReach = Object.fromEntries(Object.entries(before.reachPorts).map(([key, port]) => [`to ${key}`, port]));
  const ports = await allotPorts([...needs, ...reachNeeds], {
    kept: { ...before.hostPorts, ...keptReach },
    // What has such a port holds it itself, a container too, so it is not asked whether it is free.
    holds: () => true,
    isFree: async (port) => (await isPortFree(port)) && (access.kind !== 'bridge' || isPortFree(port, access.address)),
    seed: createHash('sha256').update(`placement ${mesh.project} ${mesh.root}`).digest().readUInt16BE(0),
  });
  const hostPorts: Record<string, number> = {};
  for (const { key, fixed } of needs) if (fixed === undefined) hostPorts[key] = ports[key] ?? 0;
  const reachPorts: Record<string, number> = {};
  for (const { key } of reachNeeds) reachPorts[key.slice('to '.length)] = ports[key] ?? 0;
  const address = access.kind === 'bridge' ? access.address : HOST_ALIAS;
  return { local, address, hostPorts, reachPorts };
}

/** What is on the host and what that calls needs a fixed port; the others only keep theirs. */
function hostPortNeeds(mesh: Mesh, local: readonly string[]): PortNeed[] {
  const hosted = new Set(local);
  const called = endpointsCalledBy(mesh, hosted);
  return mesh.nodes.flatMap((node) =>
    node.endpoints.flatMap(({ name, host }): PortNeed[] => {
      const key = portKey(node.name, name);
      if (host.kind === 'fixed') return [{ key, node: node.name, fixed: host.port }];
      return hosted.has(node.name) || called.has(key) ? [{ key, node: node.name }] : [];
    }),
  );
}

function reachPortNeeds(mesh: Mesh, local: readonly string[]): PortNeed[] {
  return mesh.nodes
    .filter(({ name }) => local.includes(name))
    .flatMap(({ name, endpoints }) =>
      endpoints.map((endpoint) => ({ key: `to ${portKey(name, endpoint.name)}`, node: name })),
    );
}
