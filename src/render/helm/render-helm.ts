import type { Artefact } from '../../mesh/artefact.ts';
import { GENERATED_NOTICE } from '../generated-notice.ts';
import { type Chart, type ChartNode, createChart, type HelmMeshes, versionsOf } from './chart.ts';
import { HELMIGNORE, renderChartYaml, renderNotes } from './chart-files.ts';
import { renderChartReadme } from './chart-readme.ts';
import { chartValues, hasIngress } from './chart-values.ts';
import { renderHelpers } from './helpers-template.ts';
import { renderServer } from './infrastructure-templates.ts';
import { renderMigrations } from './migrations.ts';
import { type EdgeIndex, indexEdges, renderAllowedCalls, renderNetworkPolicy } from './network-policies.ts';
import { isSingle } from './pod-template.ts';
import { renderProductionChecks } from './production-checks.ts';
import { renderExternalSecret, renderSecret } from './secret-templates.ts';
import { hasFiles, hasSecretSettings, renderConfigMap, renderFiles } from './settings-templates.ts';
import { renderAutoscaler, renderDisruptionBudget, renderIngress, renderServiceMonitor } from './switched-templates.ts';
import { hasTest, renderTest } from './test-pod.ts';
import { renderProductionValues, renderValues } from './value-tree.ts';
import { renderValuesSchema } from './values-schema.ts';
import { renderService, renderWorkload, workloadFile } from './workload-templates.ts';

/** Where charts are. */
export const HELM_FOLDER = 'helm';

/** A complete Helm chart, in `helm/<mesh>/`. */
export function renderHelm(meshes: HelmMeshes): Artefact[] {
  const chart = createChart(meshes);
  const values = chartValues(chart);
  const index = indexEdges(chart);
  const file = (path: string, text: string): Artefact => ({ path: `${HELM_FOLDER}/${chart.name}/${path}`, text });
  const yaml = (path: string, text: string) => file(path, `# ${GENERATED_NOTICE}\n${text.trimEnd()}\n`);
  const template = (path: string, text: string) =>
    file(`templates/${path}`, `{{- /* ${GENERATED_NOTICE} */ -}}\n${text}\n`);
  return [
    yaml('Chart.yaml', renderChartYaml(chart)),
    yaml('.helmignore', HELMIGNORE),
    yaml('values.yaml', renderValues(values)),
    yaml('values-prod.yaml', renderProductionValues(values)),
    file('values.schema.json', renderValuesSchema(values, chart.name)),
    file('README.md', renderChartReadme(chart, values)),
    file('templates/_helpers.tpl', renderHelpers(chart)),
    template('NOTES.txt', renderNotes(chart)),
    template('production.yaml', renderProductionChecks(chart)),
    template('networkpolicies.yaml', renderAllowedCalls(chart)),
    template('migrations.yaml', renderMigrations(chart)),
    ...(hasTest(chart) ? [template('tests/readiness.yaml', renderTest(chart))] : []),
    ...chart.services.flatMap((node) =>
      serviceTemplates(chart, node, index).map(([name, text]) => template(`${node.name}/${name}`, text)),
    ),
    ...chart.infrastructure.flatMap((node) => [
      template(`infrastructure/${node.name}/server.yaml`, renderServer(chart, node)),
      template(`infrastructure/${node.name}/networkpolicy.yaml`, renderNetworkPolicy(chart, node, index)),
    ]),
  ];
}

function serviceTemplates(chart: Chart, node: ChartNode, index: EdgeIndex): [string, string][] {
  const ingress = versionsOf(node)
    .flatMap((version) => version.kubernetes.ingress ?? [])
    .at(0);
  const metrics = versionsOf(node)
    .flatMap((version) => version.metrics ?? [])
    .at(0);
  const secret = (file: string, content: 'settings' | 'secret-files'): [string, string][] => [
    [`${file}.yaml`, renderSecret(chart, node, content)],
    [`external-${file}.yaml`, renderExternalSecret(chart, node, content)],
  ];
  return [
    [workloadFile(node), renderWorkload(chart, node)],
    ...when(node.endpoints.length > 0, 'service.yaml', () => renderService(chart, node)),
    ['configmap.yaml', renderConfigMap(chart, node)],
    ...(hasSecretSettings(node) ? secret('secret', 'settings') : []),
    ...when(hasFiles(node, 'files'), 'files.yaml', () => renderFiles(chart, node)),
    ...(hasFiles(node, 'secret-files') ? secret('secret-files', 'secret-files') : []),
    ...when(hasIngress(node), 'ingress.yaml', () => renderIngress(chart, node, ingress ?? '')),
    ...when(!isSingle(node), 'autoscaler.yaml', () => renderAutoscaler(chart, node)),
    ...when(!isSingle(node), 'disruptionbudget.yaml', () => renderDisruptionBudget(chart, node)),
    ['networkpolicy.yaml', renderNetworkPolicy(chart, node, index)],
    ...(metrics === undefined
      ? []
      : when(true, 'servicemonitor.yaml', () => renderServiceMonitor(chart, node, metrics))),
  ];
}

function when(exists: boolean, file: string, render: () => string): [string, string][] {
  return exists ? [[file, render()]] : [];
}
