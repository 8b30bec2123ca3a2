import type { MeshNode, Protocol } from '../../../mesh/mesh.ts';

/** The name of the endpoint that speaks a protocol, or else of the first one. */
export function firstEndpoint(node: MeshNode, protocol: Protocol): string {
  const found = node.endpoints.find((endpoint) => endpoint.protocol === protocol) ?? node.endpoints[0];
  if (found === undefined) throw new Error(`${node.name} has no endpoint`);
  return found.name;
}

/** The name of the endpoint with that port inside the container. */
export function endpointAt(node: MeshNode, port: number): string | undefined {
  return node.endpoints.find((endpoint) => endpoint.port === port)?.name;
}
