import type { Mesh, MeshNode } from '../../mesh/mesh.ts';
import type { Value } from '../../mesh/value.ts';
import type { Chart } from '../../render/helm/chart.ts';
import { fullnameLength } from '../../render/helm/names.ts';
import { imageFacts } from '../../render/kubernetes/image-facts.ts';
import { splitImage } from '../image-name.ts';
import type { KubernetesStyle } from './expect-kubernetes.ts';

/** Which of its values files a chart is rendered with. */
export type ChartEnvironment = 'dev' | 'prod';

/** How a release of the chart, with the name of the mesh, says what the manifest says. */
export function helmStyle(mesh: Mesh, chart: Chart, environment: ChartEnvironment): KubernetesStyle {
  const production = environment === 'prod';
  const fullname = mesh.name.slice(0, fullnameLength(chart)).replace(/-$/, '');
  return {
    nodes: mesh.nodes.filter((node) => node.kind === 'service' && node.profiles.length === 0),
    serviceName: (node) => `${fullname}-${node.name}`,
    labels: (node) => ({
      'app.kubernetes.io/name': node.name,
      'app.kubernetes.io/instance': mesh.name,
      'app.kubernetes.io/version': versionLabel(chart.appVersion),
      'app.kubernetes.io/component': node.tier,
      'app.kubernetes.io/part-of': chart.name,
      'app.kubernetes.io/managed-by': 'Helm',
    }),
    selector: (node) => ({ 'app.kubernetes.io/name': node.name, 'app.kubernetes.io/instance': mesh.name }),
    image: (node) => imageOf(node, chart, production),
    variable: ({ name, fallback }) => (fallback === undefined || fallback === '' ? `\${${name}}` : fallback),
    imageVariables: () => ({}),
    user: (node) => imageFacts(node)?.user,
    // In production, a tag that was pushed again must not be taken from the disk of a node.
    pullPolicy: () => (production ? 'Always' : 'IfNotPresent'),
  };
}

/** What is built is the latest in development, and the version of the mesh in production. */
function imageOf(node: MeshNode, chart: Chart, production: boolean): { repository: string; tag: string } {
  const { repository, tag } = splitImage(node.image);
  const isTagged = node.image.replace(/@.*$/, '') !== repository || node.image.includes('@');
  if (isTagged || !production || node.build === undefined) return { repository, tag };
  return { repository, tag: chart.appVersion.replaceAll(/[^\w.-]+/g, '-') };
}

function versionLabel(version: string): string {
  return version
    .replaceAll(/[^A-Za-z0-9._-]+/g, '_')
    .slice(0, 63)
    .replace(/^[._-]+|[._-]+$/g, '');
}

const ENVIRONMENT_SETTINGS = new Set(['ASPNETCORE_ENVIRONMENT', 'DOTNET_ENVIRONMENT']);

/** A manifest that declares no production: it is then development, told that it is production. */
export function asProduction(mesh: Mesh): Mesh {
  const told = (name: string, value: Value): Value => {
    const [only] = value;
    const isDevelopment = value.length === 1 && only?.kind === 'text' && only.text === 'Development';
    return isDevelopment && ENVIRONMENT_SETTINGS.has(name) ? [{ kind: 'text', text: 'Production' }] : value;
  };
  return {
    ...mesh,
    nodes: mesh.nodes.map((node) => ({
      ...node,
      env: node.env.map((setting) => ({ ...setting, value: told(setting.name, setting.value) })),
    })),
  };
}
