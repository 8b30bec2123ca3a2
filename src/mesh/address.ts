import { endpointOf, type Mesh, nodeOf, type Protocol } from './mesh.ts';
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

/** An address as a container of the mesh reads it: the node's name, and the port inside its container. */
export function containerAddress(mesh: Mesh, part: Extract<Part, { kind: 'address' }>): string {
  const { protocol, port } = endpointOf(nodeOf(mesh, part.node), part.endpoint);
  return formatAddress({ protocol, host: part.node, port }, part.property);
}
