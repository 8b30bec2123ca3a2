import { formatAddress } from '../mesh/address.ts';
import type { MeshNode } from '../mesh/mesh.ts';
import type { Instance } from '../plan/observed.ts';

/** One endpoint as people and scripts see it from this machine. */
export interface NodeAddress {
  readonly name: string;
  readonly protocol: string;
  readonly port: number;
  readonly hostPort?: number;
  readonly url?: string;
  readonly note?: string;
}

/** The host port of an endpoint: what the engine really published, or what the model asks for while nothing runs. */
export function hostPortOf(node: MeshNode, endpointName: string, instance: Instance | undefined): number | undefined {
  const endpoint = node.endpoints.find((candidate) => candidate.name === endpointName);
  if (endpoint === undefined) return undefined;
  const transport = endpoint.protocol === 'udp' ? 'udp' : 'tcp';
  const published = instance?.ports.find((port) => port.containerPort === endpoint.port && port.protocol === transport);
  if (published !== undefined) return published.hostPort;
  return endpoint.host.kind === 'fixed' && (instance === undefined || instance.replica === 1)
    ? endpoint.host.port
    : undefined;
}

export function nodeAddresses(node: MeshNode, instance: Instance | undefined, host: string): NodeAddress[] {
  return node.endpoints.map((endpoint) => {
    const hostPort = hostPortOf(node, endpoint.name, instance);
    const base = { name: endpoint.name, protocol: endpoint.protocol, port: endpoint.port };
    if (hostPort === undefined) return base;
    const url = formatAddress({ protocol: endpoint.protocol, host, port: hostPort }, 'url');
    // That all ports of an instance are moved is said once, by its name; here it would stand on every line.
    const { host: wish } = endpoint;
    const note = wish.kind === 'fixed' && wish.insteadOf !== undefined ? wish.because : undefined;
    return note === undefined ? { ...base, hostPort, url } : { ...base, hostPort, url, note };
  });
}
