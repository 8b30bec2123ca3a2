import type { MeshNode } from '../../mesh/mesh.ts';
import { type Chart, type ChartNode, versionsOf } from './chart.ts';
import { include, lines } from './go-template.ts';

/**
 * A piece of a template that is made from a node. Where the two environments differ in more than values, the template
 * has both, and takes the one that the release is for.
 */
export function byEnvironment(chart: Chart, node: ChartNode, render: (version: MeshNode) => string): string {
  const [first = '', second = first] = versionsOf(node).map(render);
  if (node.dev === undefined || node.prod === undefined || first === second) return first;
  return lines(`{{- if ${include(`${chart.name}.isProduction`)} }}`, second, '{{- else }}', first, '{{- end }}');
}
