import { createHash } from 'node:crypto';
import { platform } from 'node:os';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { InvalidInput, MeshError } from '../diagnostics/mesh-error.ts';
import type { HostAccess } from '../engine/docker/host-access.ts';
import { hostPortOf } from '../execute/node-addresses.ts';
import { isPortFree } from '../machine/ports.ts';
import { portKey } from '../mesh/host-ports.ts';
import type { Mesh } from '../mesh/mesh.ts';
import { NOTHING_PLACED } from '../mesh/placement.ts';
import { planPlacement } from '../mesh/plan-placement.ts';
import { unknownNames } from '../mesh/select-nodes.ts';
import type { Instance } from '../plan/observed.ts';
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
  const { unplaced: mesh } = project;
  checkMovable(project, move);
  const before = project.placement ?? NOTHING_PLACED;
  const wanted = new Set([...before.local, ...move.toHost]);
  for (const name of move.toContainer) wanted.delete(name);
  // Those that the manifest no longer has are forgotten.
  const local = mesh.nodes.map(({ name }) => name).filter((name) => wanted.has(name));
  if (local.length === 0) return placeProject(project, before.local.length > 0 ? NOTHING_PLACED : project.placement);
  const access = await accessOf(opened, local);
  const bridge = access.kind === 'bridge' ? access.address : undefined;
  const { instances } = await opened.engine.observe(mesh.project, []);
  const open = new Set(opened.hosted?.processes.forwards(mesh.project).map(({ listen }) => listen.port));
  const placement = await planPlacement(
    { mesh, local, before, bridge },
    {
      publishes: (endpoint, port) => publishes(mesh, instances, endpoint, port),
      forwards: (port) => open.has(port),
      isFree: async (port) => (await isPortFree(port)) && (bridge === undefined || isPortFree(port, bridge)),
      seed: createHash('sha256').update(`placement ${mesh.project} ${mesh.root}`).digest().readUInt16BE(0),
    },
  );
  return placeProject(project, placement);
}

function publishes(mesh: Mesh, instances: readonly Instance[], key: string, port: number): boolean {
  return mesh.nodes.some((node) =>
    node.endpoints.some(
      (endpoint) =>
        portKey(node.name, endpoint.name) === key &&
        instances.some((instance) => instance.node === node.name && hostPortOf(node, endpoint.name, instance) === port),
    ),
  );
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
