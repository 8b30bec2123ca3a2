import { auditCompose, auditKubernetes } from '../../../src/audit/audit-target.ts';
import { rawStyle } from '../../../src/audit/expect/styles.ts';
import type { Audit } from '../../../src/audit/finding.ts';
import { readObjects } from '../../../src/audit/kubernetes/objects.ts';
import { decodeManifest } from '../../../src/manifest/decode.ts';
import { parseYaml } from '../../../src/manifest/parse-yaml.ts';
import type { Mesh } from '../../../src/mesh/mesh.ts';
import { resolveMesh } from '../../../src/mesh/resolve.ts';
import { renderCompose } from '../../../src/render/compose/render-compose.ts';
import { renderKubernetesInfrastructure } from '../../../src/render/kubernetes/render-infrastructure.ts';
import { renderKubernetesServices } from '../../../src/render/kubernetes/render-services.ts';

/** The mesh of a manifest that is known to be right. */
export function meshOf(manifest: string, environment?: string): Mesh {
  const source = { file: 'mesh.yaml', text: manifest };
  const tree = parseYaml(source);
  const decoded = tree.value === undefined ? tree : decodeManifest(tree.value, environment);
  if (decoded.value === undefined || !('manifest' in decoded.value))
    throw new Error(JSON.stringify(decoded.diagnostics));
  const resolved = resolveMesh({ ...decoded.value, sources: new Map([['mesh.yaml', source]]), root: '/home/me/shop' });
  if (resolved.value === undefined) throw new Error(JSON.stringify(resolved.diagnostics));
  return resolved.value;
}

export function composeOf(mesh: Mesh): string {
  return renderCompose(mesh).text;
}

/** All objects of a mesh as one text. */
export function objectsOf(mesh: Mesh): string {
  return [...renderKubernetesInfrastructure(mesh), ...renderKubernetesServices(mesh)]
    .filter(({ path }) => !path.endsWith('kustomization.yaml'))
    .map(({ text }) => text)
    .join('---\n');
}

export function auditComposeText(mesh: Mesh, text: string): Audit {
  return auditCompose(mesh, { file: 'docker-compose.yml', text }, { target: 'compose' });
}

export function auditObjects(mesh: Mesh, text: string): Audit {
  return auditKubernetes(mesh, readObjects([{ file: 'k8s.yaml', text }]), { target: 'k8s', style: rawStyle(mesh) });
}

/** `MESH4102 gateway: variable URLS is missing in k8s`, a line each. */
export function linesOf(audit: Audit): string[] {
  return audit.findings.map(({ code, message }) => `${code} ${message}`);
}
