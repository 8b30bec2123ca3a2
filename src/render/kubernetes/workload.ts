import type { MeshNode } from '../../mesh/mesh.ts';
import type { KubernetesObject } from './kubernetes-object.ts';
import { objectLabels, selectorLabels } from './labels.ts';
import type { NodeData } from './node-data.ts';
import { renderPodTemplate } from './pod-template.ts';
import type { RenderScope } from './render-scope.ts';

export type WorkloadKind = 'Deployment' | 'StatefulSet' | 'Job';

// Enough to go back a few versions; ten, the default, is a long list of nothing.
const REVISIONS = 3;
// The manifest says no size. A claim can be enlarged later, and never be made smaller.
const VOLUME_SIZE = '1Gi';

/** What runs the pods of a node: what keeps data needs a StatefulSet, what ends a Job. */
export function workloadKind(node: MeshNode): WorkloadKind {
  if (node.job) return 'Job';
  return node.volumes.length > 0 ? 'StatefulSet' : 'Deployment';
}

export function renderWorkload(scope: RenderScope, node: MeshNode, data: NodeData): KubernetesObject {
  const kind = workloadKind(node);
  return {
    apiVersion: kind === 'Job' ? 'batch/v1' : 'apps/v1',
    kind,
    metadata: { name: node.name, labels: objectLabels(scope.mesh, node) },
    spec: SPECS[kind](scope, node, data),
  };
}

type Spec = (scope: RenderScope, node: MeshNode, data: NodeData) => object;

const SPECS: { readonly [Kind in WorkloadKind]: Spec } = {
  Deployment: ({ mesh }, node, data) => ({
    replicas: node.replicas,
    revisionHistoryLimit: REVISIONS,
    strategy: strategyOf(node),
    selector: { matchLabels: selectorLabels(mesh, node) },
    template: renderPodTemplate(mesh, node, data),
  }),
  StatefulSet: ({ mesh }, node, data) => ({
    serviceName: node.name,
    replicas: node.replicas,
    revisionHistoryLimit: REVISIONS,
    selector: { matchLabels: selectorLabels(mesh, node) },
    template: renderPodTemplate(mesh, node, data),
    volumeClaimTemplates: node.volumes.map((volume) => ({
      // Fixed when it is made, so no version is in its labels.
      metadata: { name: volume.name, labels: selectorLabels(mesh, node) },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: VOLUME_SIZE } } },
    })),
  }),
  // Nothing makes it wait for what it needs, so that it is tried again even where the manifest says `restart: no`.
  Job: ({ mesh }, node, data) => ({ template: renderPodTemplate(mesh, node, data, 'OnFailure') }),
};

/** Of a server that keeps its state in memory there must never be two at once, of which clients would see either. */
function strategyOf(node: MeshNode): object {
  if (node.kind === 'infrastructure') return { type: 'Recreate' };
  return { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0 } };
}
