import type { Endpoint, MeshNode } from '../../mesh/mesh.ts';
import { dropUndefined } from '../drop-undefined.ts';

/** A port of a pod and of the node's Service: the numbers are the same. */
export interface NodePort {
  /** The endpoint's, or one that fits: at most 15 letters, digits and single dashes. */
  readonly name: string;
  readonly port: number;
  readonly protocol: 'TCP' | 'UDP';
  readonly appProtocol?: string | undefined;
}

export interface ContainerPort {
  readonly name: string;
  readonly containerPort: number;
  readonly protocol?: 'UDP';
}

export interface ServicePort {
  readonly name: string;
  readonly port: number;
  readonly targetPort: string;
  readonly protocol?: 'UDP';
  readonly appProtocol?: string;
}

/** The ports of a node. Endpoints that share one are the same port, under the name of the first. */
export function nodePorts(node: MeshNode): NodePort[] {
  const ports = new Map<string, NodePort>();
  for (const endpoint of node.endpoints) {
    const protocol = transportOf(endpoint);
    const key = `${endpoint.port}/${protocol}`;
    if (ports.has(key)) continue;
    const appProtocol = APP_PROTOCOLS[endpoint.protocol];
    ports.set(key, { name: portName(endpoint), port: endpoint.port, protocol, appProtocol });
  }
  return [...ports.values()];
}

/** The name of the port that an endpoint is served on. */
export function portNameOf(node: MeshNode, endpoint: Endpoint): string {
  const shared = node.endpoints.find(
    (other) => other.port === endpoint.port && transportOf(other) === transportOf(endpoint),
  );
  return portName(shared ?? endpoint);
}

// TCP is what Kubernetes takes a port for by itself.
export function containerPorts(node: MeshNode): ContainerPort[] {
  return nodePorts(node).map(({ name, port, protocol }) =>
    dropUndefined<ContainerPort>({ name, containerPort: port, protocol: protocol === 'UDP' ? protocol : undefined }),
  );
}

export function servicePorts(node: MeshNode): ServicePort[] {
  return nodePorts(node).map(({ name, port, protocol, appProtocol }) =>
    dropUndefined<ServicePort>({
      name,
      port,
      targetPort: name,
      protocol: protocol === 'UDP' ? protocol : undefined,
      appProtocol,
    }),
  );
}

/** What proxies and meshes in the cluster are told; without it they guess, and take h2c for HTTP/1.1. */
const APP_PROTOCOLS: Readonly<Partial<Record<Endpoint['protocol'], string>>> = {
  http: 'http',
  h2c: 'kubernetes.io/h2c',
};

const PORT_NAME = /^(?!.*--)(?=.*[a-z])[a-z0-9-]{1,15}$/;

function portName({ name, port, protocol }: Endpoint): string {
  if (PORT_NAME.test(name)) return name;
  return protocol === 'udp' ? `port-${port}-udp` : `port-${port}`;
}

function transportOf({ protocol }: Endpoint): 'TCP' | 'UDP' {
  return protocol === 'udp' ? 'UDP' : 'TCP';
}
