import type { MeshNode } from '../mesh/mesh.ts';

const FIRST_UNPRIVILEGED_PORT = 1024;

/** The setting that lets a user other than root listen on any port; both Docker and Kubernetes call it safe. */
export const UNPRIVILEGED_PORTS = 'net.ipv4.ip_unprivileged_port_start';

/** Whether mesh writes the Dockerfile, and so knows what runs in the image. */
export function isBuiltByMesh(node: MeshNode): boolean {
  return node.build !== undefined && node.build.kind !== 'dockerfile';
}

/** Whether it listens on a port that a user other than root may not open, unless the container is told otherwise. */
export function needsLowPorts(node: MeshNode): boolean {
  return isBuiltByMesh(node) && node.endpoints.some((endpoint) => endpoint.port < FIRST_UNPRIVILEGED_PORT);
}
