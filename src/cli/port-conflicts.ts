import type { Location } from '../diagnostics/location.ts';
import type { Engine } from '../engine/engine.ts';
import { findPortHolder } from '../machine/port-holder.ts';
import { isPortFree } from '../machine/ports.ts';
import { endpointOf, type Mesh, nodeOf } from '../mesh/mesh.ts';
import type { Observed } from '../plan/observed.ts';
import type { OpenEngine } from './opened-engine.ts';

/** A host port that the mesh wants and something else holds. */
export interface PortConflict {
  readonly node: string;
  readonly endpoint: string;
  readonly port: number;
  /** `ControlCenter, pid 612` or `container blog-web-1 of project blog`. */
  readonly holder: string;
}

/** Looks at the ports of nodes that are about to start. Ports that this project's own containers hold are fine. */
export async function findPortConflicts(
  mesh: Mesh,
  nodes: readonly string[],
  observed: Observed,
  opened: OpenEngine,
  bindAddress: string | undefined,
): Promise<PortConflict[]> {
  // The ports of another machine cannot be tried from here; its engine refuses at start what is held.
  if (opened.host !== undefined && opened.host.kind !== 'unix' && !isLoopback(opened.engine.info.publishHost))
    return [];
  const { engine } = opened;
  const own = new Set(observed.instances.flatMap((instance) => instance.ports.map((port) => port.hostPort)));
  const wanted = nodes.flatMap((name) =>
    nodeOf(mesh, name).endpoints.flatMap((endpoint) => {
      const { host, protocol } = endpoint;
      return host.kind === 'fixed' && protocol !== 'udp' && !own.has(host.port)
        ? [{ node: name, endpoint: endpoint.name, port: host.port }]
        : [];
    }),
  );
  const free = await Promise.all(wanted.map(({ port }) => isPortFree(port, bindAddress)));
  const held = wanted.filter((_, index) => free[index] === false);
  return Promise.all(
    held.map(async (wish) => ({ ...wish, holder: (await describeHolder(wish.port, engine)) ?? 'another program' })),
  );
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}

/** In words, as exactly as this machine tells: the container first, since its proxy is what the process list shows. */
export async function describeHolder(port: number, engine: Engine): Promise<string | undefined> {
  const container = await engine.portHolder(port);
  if (container !== undefined) return container;
  const holder = await findPortHolder(port);
  return holder === undefined ? undefined : `${holder.command}, pid ${holder.pid}`;
}

/** The place in the manifest that asks for the port. */
export function placeOfPort(mesh: Mesh, conflict: PortConflict): Location {
  return endpointOf(nodeOf(mesh, conflict.node), conflict.endpoint).at;
}
