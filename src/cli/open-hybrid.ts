import { networkInterfaces } from 'node:os';
import { MeshError } from '../diagnostics/mesh-error.ts';
import type { DockerHost } from '../engine/docker/docker-host.ts';
import { projectSubnets } from '../engine/docker/host-access.ts';
import { createHybridEngine } from '../engine/hybrid/create-hybrid-engine.ts';
import type { ProcessEngine } from '../engine/process/create-process-engine.ts';
import { isProcessId } from '../engine/process/project.ts';
import { type Mesh, nodeOf } from '../mesh/mesh.ts';
import { forwardsTo } from './forwards-to.ts';
import { openProcesses } from './open-processes.ts';
import type { EngineBase, OpenEngine } from './opened-engine.ts';

/** Some services on the host, the rest in containers. */
export function openHybrid(base: EngineBase, docker: OpenEngine): OpenEngine {
  const { host } = docker;
  if (host === undefined) throw new Error('containers need an engine');
  const onHost = openProcesses(base, undefined);
  const { engine: processes } = onHost;
  const engine = createHybridEngine({
    mesh: base.project.mesh,
    containers: docker.engine,
    processes,
    isProcess: isProcessId,
    // While nodes move, what they move from is still called.
    connect: (mesh) => connectContainers(mesh, host, processes, 'keep'),
  });
  return {
    ...docker,
    engine,
    hosted: { processes, connect: (mesh) => connectContainers(mesh, host, processes, 'end') },
    build: async (mesh, nodes, emit, signal) => {
      const local = nodes.filter((name) => nodeOf(mesh, name).onHost !== undefined);
      const others = nodes.filter((name) => !local.includes(name));
      const outcomes = await Promise.all([
        others.length === 0 ? new Map() : docker.build(mesh, others, emit, signal),
        local.length === 0 ? new Map() : onHost.build(mesh, local, emit, signal),
      ]);
      return new Map(outcomes.flatMap((outcome) => [...outcome]));
    },
  };
}

/**
 * An engine on Linux leads containers to the address of its bridge, where the supervisor listens for the services.
 *
 * @param others ways that were opened before, and are not of this mesh
 * @throws MeshError MESH2006 when the address cannot be listened on
 */
async function connectContainers(
  mesh: Mesh,
  host: DockerHost,
  processes: ProcessEngine,
  others: 'keep' | 'end',
): Promise<void> {
  // A service may tell others the address of the bridge as its own, and those on the host call it there, too. Docker's
  // own rules may make such a call come from any address of this machine.
  const allow = [...(await projectSubnets(host, mesh.project)), ...ownAddresses().map((address) => `${address}/32`)];
  const wanted = forwardsTo(mesh, allow);
  const ports = new Set(wanted.map(({ listen }) => listen.port));
  const kept = others === 'end' ? [] : processes.forwards(mesh.project).filter(({ listen }) => !ports.has(listen.port));
  try {
    await processes.forward(mesh.project, [...wanted, ...kept]);
  } catch (error) {
    if (!(error instanceof MeshError) || error.code !== 'MESH2006') throw error;
    const hint =
      'stop what listens there; or choose another port: mesh dev swap SERVICE --to container, then --to host';
    throw new MeshError(`containers cannot reach the services on the host: ${error.message}`, {
      code: 'MESH2006',
      hint,
      cause: error,
    });
  }
}

/** Every IPv4 address of this machine. */
function ownAddresses(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .flatMap(({ family, address }) => (family === 'IPv4' ? [address] : []));
}
