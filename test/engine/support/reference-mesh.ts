import { symlinkSync } from 'node:fs';
import path from 'node:path';
import { freePorts } from '../../support/free-ports.ts';
import { ROOT } from '../../support/mesh-cli.ts';
import { type TemporaryMesh, temporaryMesh } from './temporary-mesh.ts';
import { TOSKAMESH_ENDPOINTS } from './toskamesh-endpoints.ts';

const EXAMPLE = path.join(ROOT, 'examples/toskamesh');

export interface ReferenceMesh extends TemporaryMesh {
  /** Where a service or server answers HTTP on this machine. */
  readonly urlOf: (node: string) => string;
}

/** The reference mesh in a project of its own, with ports of its own. */
export async function referenceMesh(): Promise<ReferenceMesh> {
  const ports = await freePorts(TOSKAMESH_ENDPOINTS.flatMap(([, , endpoints]) => endpoints).length);
  const http = new Map<string, number>();
  const section = (wanted: string) =>
    TOSKAMESH_ENDPOINTS.filter(([name]) => name === wanted).map(([, node, endpoints]) => {
      const hosts = endpoints.map((endpoint) => {
        const port = ports.pop() ?? 0;
        if (endpoint === 'http') http.set(node, port);
        return `${endpoint}: { host: ${port} }`;
      });
      return `  ${node}: { endpoints: { ${hosts.join(', ')} } }\n`;
    });
  const infrastructure = section('infrastructure').join('');
  const services = section('services').join('');
  const text = `extends: ./example/mesh.yaml\ninfrastructure:\n${infrastructure}services:\n${services}`;
  const subject = temporaryMesh(text);
  symlinkSync(EXAMPLE, path.join(subject.folder, 'example'));
  return { ...subject, urlOf: (node) => `http://127.0.0.1:${http.get(node)}` };
}
