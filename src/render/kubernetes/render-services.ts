import type { Artefact } from '../../mesh/artefact.ts';
import type { Mesh, MeshNode } from '../../mesh/mesh.ts';
import { fileHeader } from './file-header.ts';
import { type Fill, PLACEHOLDERS } from './fill.ts';
import type { KubernetesObject } from './kubernetes-object.ts';
import { renderKustomization } from './kustomization.ts';
import { renderNodeData } from './node-data.ts';
import { createRenderScope, deployedNodes, type RenderScope } from './render-scope.ts';
import { renderService } from './service.ts';
import { renderWorkload, workloadKind } from './workload.ts';
import { writeObjects } from './write-objects.ts';

/** Where everything for Kubernetes is, relative to the project root. */
export const KUBERNETES_FOLDER = 'k8s';

/**
 * The services of a mesh as Kubernetes objects: a folder each, which can be applied alone, and one kustomization over
 * all of them. `fill` says what stands in the place of secrets.
 */
export function renderKubernetesServices(mesh: Mesh, fill: Fill = PLACEHOLDERS): Artefact[] {
  const scope = createRenderScope(mesh, fill);
  const nodes = deployedNodes(mesh, 'service');
  if (nodes.length === 0) return [];
  const header = fileHeader(mesh, '', 'The services alone; k8s/local adds the infrastructure. kubectl apply -k k8s');
  const all = renderKustomization({ folder: KUBERNETES_FOLDER, header, resources: nodes.map(({ name }) => name) });
  return [...nodes.flatMap((node) => renderNode(scope, node)), all];
}

function serviceFolder(node: MeshNode): string {
  return `${KUBERNETES_FOLDER}/${node.name}`;
}

function renderNode(scope: RenderScope, node: MeshNode): Artefact[] {
  const header = fileHeader(scope.mesh);
  const data = renderNodeData(scope, node);
  const files: readonly (readonly [name: string, objects: readonly (KubernetesObject | undefined)[]])[] = [
    [workloadKind(node).toLowerCase(), [renderWorkload(scope, node, data)]],
    ['service', [renderService(scope.mesh, node)]],
    ['configmap', [data.settings, data.fileTexts]],
    ['secret', [data.secretSettings, data.secretFileTexts]],
  ];
  const folder = serviceFolder(node);
  const written = files.flatMap(([name, objects]) => {
    const there = objects.filter((object) => object !== undefined);
    return there.length === 0
      ? []
      : [{ name: `${name}.yaml`, text: writeObjects(scope, node, { header, objects: there }) }];
  });
  return [
    ...written.map(({ name, text }) => ({ path: `${folder}/${name}`, text })),
    renderKustomization({ folder, header, resources: written.map(({ name }) => name) }),
  ];
}
