import type { PortNeed } from '../../mesh/allot-ports.ts';
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
