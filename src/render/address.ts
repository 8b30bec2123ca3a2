import { endpointOf, type Mesh, nodeOf, type Protocol } from '../mesh/mesh.ts';
import type { Part } from '../mesh/value.ts';

type AddressPart = Extract<Part, { kind: 'address' }>;

const SCHEMES: Readonly<Record<Protocol, string>> = {
  http: 'http',
  // HTTP/2 without TLS: clients such as gRPC's take it as a plain http URL.
  h2c: 'http',
  tcp: 'tcp',
  udp: 'udp',
  postgres: 'postgres',
  redis: 'redis',
  amqp: 'amqp',
};

/** What `url` begins with, for an endpoint of that protocol. */
export function schemeOf(protocol: Protocol): string {
  return SCHEMES[protocol];
}

/** One property of an address, for a given host and port: what all targets have in common. */
export function formatAddress(part: AddressPart, protocol: Protocol, at: { host: string; port: number }): string {
  switch (part.property) {
    case 'url':
      return `${schemeOf(protocol)}://${at.host}:${at.port}`;
    case 'address':
      return `${at.host}:${at.port}`;
    case 'host':
      return at.host;
    case 'port':
      return String(at.port);
  }
}

/** An address as a container of the mesh reads it: the node's name, and the port inside its container. */
export function containerAddress(mesh: Mesh, part: AddressPart): string {
  const endpoint = endpointOf(nodeOf(mesh, part.node), part.endpoint);
  return formatAddress(part, endpoint.protocol, { host: part.node, port: endpoint.port });
}
