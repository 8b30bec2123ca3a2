import { formatAddress } from '../../mesh/address.ts';
import { endpointOf, type Mesh, type MeshNode, type Secret } from '../../mesh/mesh.ts';
import { joinValue, type Part, type Value } from '../../mesh/value.ts';
import type { Fill } from './fill.ts';

/** What every object of one rendering is made from. */
export interface RenderScope {
  readonly mesh: Mesh;
  /** The text of a value as pods see it. */
  readonly text: (value: Value) => string;
  /** The comment in every Secret. */
  readonly secretNote: string | undefined;
}

/** The maps are made once: looking names up in lists would make a mesh of a thousand services slow. */
export function createRenderScope(mesh: Mesh, fill: Fill): RenderScope {
  const nodes = new Map(mesh.nodes.map((node) => [node.name, node]));
  const secrets = new Map(mesh.secrets.map((secret) => [secret.name, secret]));
  return {
    mesh,
    secretNote: fill.note,
    text: (value) =>
      joinValue(value, {
        text: (part) => part.text,
        secret: (part) => fill.secret(found<Secret>(secrets, part.name)),
        variable: fill.variable,
        address: (part) => podAddress(found<MeshNode>(nodes, part.node), part),
      }),
  };
}

/** The node's Service, whose name and port are those of the container; or where it is outside of the cluster. */
function podAddress(node: MeshNode, part: Extract<Part, { kind: 'address' }>): string {
  const endpoint = endpointOf(node, part.endpoint);
  const { external } = node.kubernetes;
  // The one port that can be given is that of the first endpoint.
  const port = endpoint === node.endpoints[0] ? external?.port : undefined;
  const place = { protocol: endpoint.protocol, host: external?.host ?? node.name, port: port ?? endpoint.port };
  return formatAddress(place, part.property);
}

function found<Named>(all: ReadonlyMap<string, Named>, name: string): Named {
  const one = all.get(name);
  if (one === undefined) throw new Error(`the mesh has no ${name}`);
  return one;
}

/** The nodes that are deployed: those that are on by default, and not somewhere outside of the cluster. */
export function deployedNodes(mesh: Mesh, kind: MeshNode['kind']): MeshNode[] {
  return mesh.nodes.filter(
    (node) => node.kind === kind && node.profiles.length === 0 && node.kubernetes.external === undefined,
  );
}
