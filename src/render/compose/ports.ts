import type { Endpoint, HostPort, MeshNode } from '../../mesh/mesh.ts';
import type { Note } from '../note.ts';

// The laptop's own by default; a variable, so that one machine can serve a whole team without another file.
const BIND_ADDRESS = '${MESH_BIND_ADDRESS:-127.0.0.1}';

/** The published ports of one replica. Only the first can have fixed ones: two containers cannot share a port. */
export function composePorts(node: MeshNode, replica: number): string[] {
  return publishedEndpoints(node).map((endpoint) => {
    const suffix = endpoint.protocol === 'udp' ? '/udp' : '';
    return `${BIND_ADDRESS}:${hostPortText(endpoint.host, replica)}:${endpoint.port}${suffix}`;
  });
}

function hostPortText(host: HostPort, replica: number): string {
  return host.kind === 'fixed' && replica === 1 ? String(host.port) : '';
}

/** Which endpoint each port is, and why it is not the one that was asked for. */
export function portNotes(node: MeshNode, replica: number): Note[] {
  return publishedEndpoints(node).map((endpoint, index) => {
    const reason = replica === 1 ? remapReason(endpoint.host) : '';
    return { path: ['ports', index], place: 'beside', text: endpoint.name + (reason && `; ${reason}`) };
  });
}

function remapReason(host: HostPort): string {
  if (host.kind !== 'fixed') return '';
  if (host.because !== undefined && host.because !== '') return host.because;
  return host.insteadOf === undefined ? '' : `instead of ${host.insteadOf}`;
}

function publishedEndpoints(node: MeshNode): readonly Endpoint[] {
  return node.endpoints.filter((endpoint) => endpoint.host.kind !== 'none');
}
