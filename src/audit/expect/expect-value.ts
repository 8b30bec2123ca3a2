import type { Location } from '../../diagnostics/location.ts';
import { schemeOf } from '../../mesh/address.ts';
import { endpointOf, type Mesh, type MeshNode, nodeOf } from '../../mesh/mesh.ts';
import type { Part, Value } from '../../mesh/value.ts';
import type { FactPart, FactValue } from '../facts.ts';

/** What a target that keeps to the manifest says in the place of a value; addresses stay those of a node. */
export function expectValue(mesh: Mesh, value: Value): FactValue {
  return value.map((part) => expectPart(mesh, part));
}

function expectPart(mesh: Mesh, part: Part): FactPart {
  if (part.kind === 'text') return { kind: 'text', text: part.text };
  if (part.kind !== 'address') return part;
  const { port, protocol } = endpointOf(nodeOf(mesh, part.node), part.endpoint);
  const { node, endpoint, property: form } = part;
  return { kind: 'address', node, endpoint, port, form, scheme: schemeOf(protocol) };
}

/** Where the manifest says something about a node: the nearest place at or above the path. */
export function placeIn(mesh: Mesh, node: MeshNode, ...path: readonly string[]): Location {
  const root = `${node.kind === 'service' ? 'services' : 'infrastructure'}.${node.name}`;
  for (let length = path.length; length > 0; length--) {
    const place = mesh.places[[root, ...path.slice(0, length)].join('.')];
    if (place !== undefined) return place;
  }
  return node.at;
}
