import type { MeshNode } from '../../mesh/mesh.ts';

/** The EXPOSE line of the node's endpoints; nothing when it has none. */
export function exposedPorts(node: MeshNode): string[] {
  const ports = node.endpoints.map(({ port, protocol }) => (protocol === 'udp' ? `${port}/udp` : String(port)));
  return ports.length === 0 ? [] : [`EXPOSE ${[...new Set(ports)].join(' ')}`];
}
