import type { Protocol } from './mesh.ts';
import type { AddressProperty } from './value.ts';

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
