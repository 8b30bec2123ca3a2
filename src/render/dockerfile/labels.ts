import type { Mesh, MeshNode } from '../../mesh/mesh.ts';

/** What the mesh knows about an image, under the names of the OCI. No time of the build: the same input gives the same image. */
export function imageLabels(mesh: Mesh, node: MeshNode): string {
  const labels: readonly (readonly [string, string])[] = [
    ['title', node.name],
    ['version', mesh.version],
  ];
  return `LABEL ${labels.map(([name, value]) => `org.opencontainers.image.${name}=${dockerfileQuote(value)}`).join(' \\\n      ')}`;
}

// Inside double quotes, a Dockerfile still replaces variables.
function dockerfileQuote(text: string): string {
  return `"${text.replace(/["\\$]/g, '\\$&')}"`;
}
