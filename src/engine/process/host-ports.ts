import type { Mesh, MeshNode } from '../../mesh/mesh.ts';
import { sparePortsOf } from './hosts/host-of.ts';

/** `gateway.http`, `gateway-2.http` → the port on this machine. */
export type HostPorts = Readonly<Record<string, number>>;

export interface PortOwner {
  readonly node: string;
  readonly replica: number;
  readonly endpoint: string;
}

export function hostPortKey({ node, replica, endpoint }: PortOwner): string {
  return `${replica === 1 ? node : `${node}-${replica}`}.${endpoint}`;
}

/** The port of an endpoint; one that was never allotted is our bug. */
export function hostPortOf(ports: HostPorts, owner: PortOwner): number {
  const port = ports[hostPortKey(owner)];
  if (port === undefined) throw new Error(`no port was allotted to ${hostPortKey(owner)}`);
  return port;
}

export interface PortNeed {
  readonly key: string;
  readonly node: string;
  /** The port that the manifest asks for; any free one when missing. */
  readonly fixed?: number | undefined;
}

/** Every port that the mesh needs on this machine. Only the first replica can have the one of the manifest. */
export function portNeeds(mesh: Mesh): PortNeed[] {
  return mesh.nodes.flatMap((node) => replicasOf(node).flatMap((replica) => needsOfReplica(node, replica)));
}

function needsOfReplica(node: MeshNode, replica: number): PortNeed[] {
  const key = (endpoint: string) => hostPortKey({ node: node.name, replica, endpoint });
  const own = node.endpoints.map((endpoint) => ({
    key: key(endpoint.name),
    node: node.name,
    fixed: replica === 1 && endpoint.host.kind === 'fixed' ? endpoint.host.port : undefined,
  }));
  return [...own, ...sparePortsOf(node).map((name) => ({ key: key(`#${name}`), node: node.name }))];
}

export function replicasOf(node: MeshNode): number[] {
  return Array.from({ length: node.replicas }, (_, index) => index + 1);
}

export interface AllotScope {
  /** What was allotted before. */
  readonly kept: HostPorts;
  /** Whether a node holds its ports itself, and so keeps them. */
  readonly holds: (node: string) => boolean;
  readonly isFree: (port: number) => Promise<boolean>;
  /** Where the search begins; projects that begin at different places do not meet. */
  readonly seed: number;
}

/** Below what systems give to outgoing connections, so that a kept port is not lost to one of these. */
const FIRST_PORT = 20_000;
const PORT_COUNT = 12_000;

/** Gives every need its port: the fixed one, the one that it had before, or a free one. */
export async function allotPorts(needs: readonly PortNeed[], scope: AllotScope): Promise<HostPorts> {
  const ports: Record<string, number> = {};
  const taken = new Set(needs.flatMap((need) => need.fixed ?? []));
  let offset = scope.seed % PORT_COUNT;
  const nextFree = async (): Promise<number> => {
    for (let tries = 0; tries < PORT_COUNT; tries++) {
      const port = FIRST_PORT + (offset++ % PORT_COUNT);
      if (!taken.has(port) && (await scope.isFree(port))) return port;
    }
    throw new Error('no port is free');
  };
  for (const need of needs) {
    const kept = scope.kept[need.key];
    const usable = kept !== undefined && !taken.has(kept) && (scope.holds(need.node) || (await scope.isFree(kept)));
    const port = need.fixed ?? (usable ? kept : await nextFree());
    ports[need.key] = port;
    taken.add(port);
  }
  return ports;
}
