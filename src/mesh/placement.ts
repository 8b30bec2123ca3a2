import { portKey } from './host-ports.ts';
import { containerValues, hostValues } from './host-settings.ts';
import { type Endpoint, type Mesh, type MeshNode, nodeOf, type OnHost } from './mesh.ts';

/** Which nodes of a mesh run as processes of this machine while the rest runs in containers, and at which ports. */
export interface Placement {
  readonly local: readonly string[];
  /** Where containers reach this machine, in a form that this machine itself can use, too. */
  readonly address: string;
  /** `gateway.http` → its port on this machine, for endpoints that the manifest gives no fixed one. */
  readonly hostPorts: Readonly<Record<string, number>>;
  /** `gateway.http` → the port where containers reach it; that on this machine when missing. */
  readonly reachPorts: Readonly<Record<string, number>>;
}

export const NOTHING_PLACED: Placement = { local: [], address: '127.0.0.1', hostPorts: {}, reachPorts: {} };

/** How containers name the machine that they run on: Docker's own word, which Docker Desktop knows by itself. */
export const HOST_ALIAS = 'host.docker.internal';

/**
 * The mesh with some of its nodes on the host. These have a fixed port, and so has everything that they call, since a
 * process of this machine reaches a container only by a published port. Pure.
 */
export function placeOnHost(mesh: Mesh, placement: Placement): Mesh {
  const local = new Set(placement.local);
  const called = endpointsCalledBy(mesh, local);
  const place = (node: MeshNode, endpoint: Endpoint): Endpoint => {
    const key = portKey(node.name, endpoint.name);
    const port = placement.hostPorts[key];
    const callers = called.get(key);
    if (endpoint.host.kind === 'fixed' || port === undefined) return endpoint;
    if (local.has(node.name)) return { ...endpoint, host: { kind: 'fixed', port, because: 'a free one' } };
    if (callers === undefined) return endpoint;
    const because = `for ${callers.join(', ')}, which ${callers.length === 1 ? 'runs' : 'run'} on the host`;
    return { ...endpoint, host: { kind: 'fixed', port, because } };
  };
  const onHost = (node: MeshNode): OnHost => ({
    address: placement.address,
    reachPorts: reachPortsOf(node, placement),
  });
  return {
    ...mesh,
    nodes: mesh.nodes.map((node) => {
      const placed = { ...node, endpoints: node.endpoints.map((endpoint) => place(node, endpoint)) };
      return local.has(node.name) ? { ...placed, image: hostImage(node.image), onHost: onHost(placed) } : placed;
    }),
  };
}

/** In the place of a digest, so that the name of the image can still be read. */
const ON_HOST = '@host';

/** Another one may run the same image in a container, and what stands for it on the host is something else. */
function hostImage(image: string): string {
  return `${image}${ON_HOST}`;
}

function reachPortsOf(node: MeshNode, { reachPorts }: Placement): Record<string, number> {
  const ports = node.endpoints.map(({ name, port, host }): [string, number] => {
    const own = host.kind === 'fixed' ? host.port : port;
    return [name, reachPorts[portKey(node.name, name)] ?? own];
  });
  return Object.fromEntries(ports);
}

/** The endpoints of other nodes that the settings of some nodes name, with those that name them. */
export function endpointsCalledBy(mesh: Mesh, callers: ReadonlySet<string>): ReadonlyMap<string, readonly string[]> {
  const called = new Map<string, string[]>();
  for (const node of mesh.nodes.filter(({ name }) => callers.has(name))) {
    for (const part of hostValues(node).flat()) {
      if (part.kind !== 'address' || callers.has(part.node)) continue;
      const key = portKey(part.node, part.endpoint);
      const known = called.get(key) ?? [];
      if (!known.includes(node.name)) called.set(key, [...known, node.name]);
    }
  }
  return called;
}

/** What a node in a container calls on the host. */
export function calledOnHost(mesh: Mesh, node: MeshNode): readonly OnHost[] {
  const parts = containerValues(node).flat();
  const called = new Set(parts.flatMap((part) => (part.kind === 'address' ? [part.node] : [])));
  return [...called].flatMap((name) => nodeOf(mesh, name).onHost ?? []);
}

/** The nodes that run on the host while the rest runs in containers. */
export function hostNodesOf(mesh: Mesh): readonly string[] {
  return mesh.nodes.filter((node) => node.onHost !== undefined).map((node) => node.name);
}
