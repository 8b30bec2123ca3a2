import type { Mesh, MeshNode } from '../../mesh/mesh.ts';
import type { KubernetesObject } from './kubernetes-object.ts';
import { objectLabels, selectorLabels } from './labels.ts';
import { servicePorts } from './ports.ts';

/** The Service under whose name others find the node, as in Compose; nothing when it has no endpoints. */
export function renderService(mesh: Mesh, node: MeshNode): KubernetesObject | undefined {
  if (node.endpoints.length === 0) return undefined;
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: node.name, labels: objectLabels(mesh, node) },
    spec: { type: node.kubernetes.service, selector: selectorLabels(mesh, node), ports: servicePorts(node) },
  };
}
