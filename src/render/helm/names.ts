import type { Chart, ChartNode } from './chart.ts';
import { goString, include } from './go-template.ts';

/** The name of an object of a node, as template text. */
export function objectName(chart: Chart, node: { readonly name: string }, suffix = ''): string {
  return `{{ ${include(`${chart.name}.fullname`)} }}-${node.name}${suffix}`;
}

/** The labels of an object of a node, as template text for below `labels:`. */
export function labelsOf(chart: Chart, node: ChartNode, spaces: number): string {
  return `{{- include ${goString(`${chart.name}.labels`)} ${scopeOf(node)} | nindent ${spaces} }}`;
}

/** What selects the pods of a node, as template text. */
export function selectorOf(chart: Chart, node: { readonly name: string }, spaces: number): string {
  return `{{- include ${goString(`${chart.name}.selectorLabels`)} (dict "root" $ "name" ${goString(node.name)}) | nindent ${spaces} }}`;
}

function scopeOf(node: ChartNode): string {
  return `(dict "root" $ "name" ${goString(node.name)} "component" ${goString(node.node.tier)})`;
}

/** The beginning of an object of a node, as far as its labels. */
export function objectHead(
  chart: Chart,
  node: ChartNode,
  object: { readonly apiVersion: string; readonly kind: string; readonly suffix?: string },
): string {
  return [
    `apiVersion: ${object.apiVersion}`,
    `kind: ${object.kind}`,
    'metadata:',
    `  name: ${objectName(chart, node, object.suffix)}`,
    '  labels:',
    `    ${labelsOf(chart, node, 4)}`,
  ].join('\n');
}

/** Longest first part of a name that leaves room for that of any node: a Service's name has at most 63 characters. */
export function fullnameLength(chart: Chart): number {
  // The pods of a StatefulSet carry a label with its name and a hash behind it.
  const HASH_LENGTH = 11;
  const lengths = [...chart.nodes.values()].map(
    ({ name, kind }) => name.length + (kind === 'infrastructure' ? HASH_LENGTH : 0),
  );
  return Math.max(1, 62 - Math.max(0, ...lengths));
}
