import { endpointOf, type Mesh, nodeOf, type Protocol } from './mesh.ts';
import { HOST_ALIAS } from './placement.ts';
import type { AddressProperty, Part } from './value.ts';

const SCHEMES: Readonly<Record<Protocol, string>> = {
  http: 'http',
  h2c: 'http',
  tcp: 'tcp',
  udp: 'udp',
  postgres: 'postgres',
  redis: 'redis',
  amqp: 'amqp',
};

/** What stands before `://` in an address of that protocol. */
export function schemeOf(protocol: Protocol): string {
  return SCHEMES[protocol];
}

/** One property of a place on the network; IPv6 hosts get their brackets. */
export function formatAddress(
  place: { readonly protocol: Protocol; readonly host: string; readonly port: number },
  property: AddressProperty,
): string {
  const host = place.host.includes(':') ? `[${place.host}]` : place.host;
  switch (property) {
    case 'host':
      return place.host;
    case 'port':
      return String(place.port);
    case 'address':
      return `${host}:${place.port}`;
    case 'url':
      return `${SCHEMES[place.protocol]}://${host}:${place.port}`;
  }
}

/**
 * An address as a container of the mesh reads it: the node's name, and the port inside its container; for a node that
 * runs on the host, the name of the host, and the port where containers reach it.
 */
export function containerAddress(mesh: Mesh, part: Extract<Part, { kind: 'address' }>): string {
  const { onHost, ...node } = nodeOf(mesh, part.node);
  const { protocol, port } = endpointOf(node, part.endpoint);
  if (onHost === undefined) return formatAddress({ protocol, host: part.node, port }, part.property);
  const reachPort = onHost.reachPorts[part.endpoint] ?? port;
  return formatAddress({ protocol, host: HOST_ALIAS, port: reachPort }, part.property);
}
