import type { Mesh, MeshNode } from '../../mesh/mesh.ts';
import { endpointOf, nodeOf } from '../../mesh/mesh.ts';
import type { DeclaredEdge } from '../structure/structure-input.ts';

/** Who may call whom: what a node needs or calls, and what its settings and files name. An address says which port. */
export function expectEdges(mesh: Mesh): DeclaredEdge[] {
  return mesh.nodes.flatMap((node) => edgesFrom(mesh, node));
}

function edgesFrom(mesh: Mesh, node: MeshNode): DeclaredEdge[] {
  const edges = new Map<string, { ports: Set<number>; at: DeclaredEdge['at'] }>();
  for (const need of node.needs) edges.set(need.node, { ports: new Set(), at: need.at });
  const texts = [...node.env, ...node.files.map(({ content, at }) => ({ value: content, at }))];
  for (const { value, at } of texts) {
    for (const part of value) {
      if (part.kind !== 'address' || part.node === node.name) continue;
      const edge = edges.get(part.node) ?? { ports: new Set(), at };
      edge.ports.add(endpointOf(nodeOf(mesh, part.node), part.endpoint).port);
      edges.set(part.node, edge);
    }
  }
  for (const call of node.calls) {
    const edge = edges.get(call.node) ?? { ports: new Set(), at: call.at };
    if (call.endpoint !== undefined) edge.ports.add(endpointOf(nodeOf(mesh, call.node), call.endpoint).port);
    edges.set(call.node, edge);
  }
  // A job that others wait for is called by nobody.
  const called = [...edges].filter(([to]) => nodeOf(mesh, to).endpoints.length > 0);
  return called.map(([to, { ports, at }]) => ({ from: node.name, to, ports: [...ports], at }));
}
