import { platform } from 'node:os';
import type { DockerHost } from '../engine/docker/docker-host.ts';
import { findHostAccess, projectSubnets } from '../engine/docker/host-access.ts';
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
  const processes = onHost.engine as ProcessEngine;
  const connect = (mesh: Mesh) => connectContainers(mesh, host, processes);
  const engine = createHybridEngine({
    mesh: base.project.mesh,
    containers: docker.engine,
    processes,
    isProcess: isProcessId,
    connect,
  });
  return {
    ...docker,
    engine,
    hosted: { processes, connect },
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

/** An engine on Linux leads containers to the address of its bridge, where the supervisor listens for the services. */
async function connectContainers(mesh: Mesh, host: DockerHost, processes: ProcessEngine): Promise<void> {
  const access = await findHostAccess(host, platform());
  if (access.kind !== 'bridge') return;
  // A service may tell others the address of the bridge as its own, and those on the host then come from there.
  const allow = [...(await projectSubnets(host, mesh.project)), `${access.address}/32`];
  await processes.forward(mesh.project, forwardsTo(mesh, access.address, allow));
}
