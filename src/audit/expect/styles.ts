import type { Mesh, MeshNode } from '../../mesh/mesh.ts';
import { imageFacts } from '../../render/kubernetes/image-facts.ts';
import { imageAsNamed, type KubernetesStyle } from './expect-kubernetes.ts';

/** How `mesh generate k8s` writes a mesh: everything that is on by default and inside of the cluster. */
export function rawStyle(mesh: Mesh): KubernetesStyle {
  return {
    nodes: mesh.nodes.filter((node) => node.profiles.length === 0 && node.kubernetes.external === undefined),
    serviceName: (node) => node.name,
    labels: (node) => ({
      'app.kubernetes.io/name': node.name,
      'app.kubernetes.io/instance': mesh.name,
      'app.kubernetes.io/version': labelValue(mesh.version),
      'app.kubernetes.io/component': node.tier,
      'app.kubernetes.io/part-of': mesh.name,
      'app.kubernetes.io/managed-by': 'mesh',
    }),
    selector: (node) => ({ 'app.kubernetes.io/name': node.name, 'app.kubernetes.io/instance': mesh.name }),
    image: imageAsNamed,
    variable: ({ name, fallback }) => fallback ?? `\${${name}}`,
    imageVariables: (node) => imageFacts(node)?.env ?? {},
    user: (node) => imageFacts(node)?.user,
    // What was built or loaded on this machine is taken as it is.
    pullPolicy: () => 'IfNotPresent',
  };
}

/** Labels know no `+` of a semantic version, and begin and end with a letter or digit. */
export function labelValue(text: string): string {
  return text
    .replace(/[^A-Za-z0-9._-]/g, '_')
    .slice(0, 63)
    .replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, '');
}

/** The nodes of a mesh by name, for those that a style picks. */
export function namesOf(nodes: readonly MeshNode[]): string[] {
  return nodes.map(({ name }) => name);
}
