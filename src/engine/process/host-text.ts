import { formatAddress } from '../../mesh/address.ts';
import { endpointOf, type Mesh, nodeOf } from '../../mesh/mesh.ts';
import { joinValue, type Value } from '../../mesh/value.ts';
import { type HostPorts, hostPortOf } from './host-ports.ts';

export const LOOPBACK = '127.0.0.1';

/** Where the texts of a manifest get their host values from. */
export interface HostTextScope {
  readonly mesh: Mesh;
  readonly ports: HostPorts;
  readonly secret: (name: string) => string;
  readonly variable: (name: string) => string | undefined;
}

/** Whose text it is: addresses of a node itself are those of its own replica, of others those of their first. */
export interface Reader {
  readonly node: string;
  readonly replica: number;
}

/** A value as a process on this machine reads it. */
export function hostText(value: Value, reader: Reader, scope: HostTextScope): string {
  return joinValue(value, {
    text: (part) => part.text,
    secret: (part) => scope.secret(part.name),
    variable: (part) => scope.variable(part.name) ?? part.fallback ?? '',
    address: (part) => {
      const { onHost, ...node } = nodeOf(scope.mesh, part.node);
      const { protocol } = endpointOf(node, part.endpoint);
      const reachPort = onHost?.reachPorts[part.endpoint];
      // Its own address is what it tells others, some of which are in containers. Its port is where it listens.
      if (onHost !== undefined && reachPort !== undefined && part.node === reader.node && part.property !== 'port')
        return formatAddress({ protocol, host: onHost.address, port: reachPort }, part.property);
      const replica = part.node === reader.node ? reader.replica : 1;
      const port = hostPortOf(scope.ports, { node: part.node, replica, endpoint: part.endpoint });
      return formatAddress({ protocol, host: LOOPBACK, port }, part.property);
    },
  });
}
