import type { Mesh, MeshNode } from '../../mesh/mesh.ts';

export type Labels = Readonly<Record<string, string>>;

/** What tells the pods of a node from all others. It can never be changed in a cluster, so no version is in it. */
export function selectorLabels(mesh: Mesh, node: MeshNode): Labels {
  return { 'app.kubernetes.io/name': node.name, 'app.kubernetes.io/instance': mesh.name };
}

/** The labels of every object of a node. */
export function objectLabels(mesh: Mesh, node: MeshNode): Labels {
  return {
    ...selectorLabels(mesh, node),
    'app.kubernetes.io/version': labelValue(mesh.version),
    'app.kubernetes.io/component': node.tier,
    'app.kubernetes.io/part-of': mesh.name,
    'app.kubernetes.io/managed-by': 'mesh',
  };
}

/** Labels know no `+` of a semantic version, and end with a letter or digit. */
function labelValue(text: string): string {
  return text
    .replace(/[^A-Za-z0-9._-]/g, '_')
    .slice(0, 63)
    .replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, '');
}
