import type { Mesh, MeshNode } from '../../mesh/mesh.ts';
import { LOCAL_PLACEHOLDERS, PLACEHOLDERS } from './fill.ts';
import type { KubernetesObject } from './kubernetes-object.ts';
import { renderNodeData } from './node-data.ts';
import { createRenderScope, deployedNodes, type RenderScope } from './render-scope.ts';
import { writeData } from './write-objects.ts';

/** What changes in Secrets where a placeholder is shorter than its secret may be: as patches of a kustomization. */
export function localPatches(mesh: Mesh): string[] {
  const short = mesh.secrets.some((secret) => LOCAL_PLACEHOLDERS.secret(secret) !== PLACEHOLDERS.secret(secret));
  if (!short) return [];
  const committed = createRenderScope(mesh, PLACEHOLDERS);
  const local = createRenderScope(mesh, LOCAL_PLACEHOLDERS);
  const nodes = [...deployedNodes(mesh, 'infrastructure'), ...deployedNodes(mesh, 'service')];
  return nodes.flatMap((node) => {
    const before = secretsOfNode(committed, node);
    return secretsOfNode(local, node).flatMap((secret, index) => patchOf(secret, before[index]));
  });
}

function secretsOfNode(scope: RenderScope, node: MeshNode): KubernetesObject[] {
  const { secretSettings, secretFileTexts } = renderNodeData(scope, node);
  return [secretSettings, secretFileTexts].filter((secret) => secret !== undefined);
}

function patchOf(secret: KubernetesObject, before: KubernetesObject | undefined): string[] {
  const old = textsOf(before);
  const changed = Object.entries(textsOf(secret)).filter(([key, text]) => text !== old[key]);
  if (changed.length === 0) return [];
  const { apiVersion, kind, metadata } = secret;
  return [
    writeData('', { apiVersion, kind, metadata: { name: metadata.name }, stringData: Object.fromEntries(changed) }),
  ];
}

function textsOf(secret: KubernetesObject | undefined): Readonly<Record<string, string>> {
  return (secret?.stringData ?? {}) as Readonly<Record<string, string>>;
}
