import path from 'node:path';
import type { ChartEnvironment } from '../../../src/audit/expect/helm-style.ts';
import type { Audit } from '../../../src/audit/finding.ts';
import { auditChart, auditSwitchedOn } from '../../../src/audit/helm/audit-chart.ts';
import { checkChartValues } from '../../../src/audit/helm/check-values.ts';
import { mergeValues } from '../../../src/audit/helm/merge-values.ts';
import { splitRendered } from '../../../src/audit/helm/split-rendered.ts';
import { createStandIns } from '../../../src/audit/helm/stand-ins.ts';
import { switchOn } from '../../../src/audit/helm/switches.ts';
import { createChart, type HelmMeshes } from '../../../src/render/helm/chart.ts';
import { type ChartOnDisk, chartOnDisk, production } from '../../support/helm-chart.ts';
import { runKubernetesTool } from '../../support/kubernetes-tools.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

/** What Helm makes of a chart, to be changed and audited. */
export interface ReleasedChart {
  readonly dev: string;
  readonly prod: string;
  readonly switchedOn: string;
  readonly audit: (environment: ChartEnvironment, text: string) => Audit;
  readonly auditSwitchedOn: (text: string) => Audit;
  readonly auditValues: () => Audit;
}

/** Renders a chart with Helm: with the values of both environments, and with all that can be switched on. */
export async function releaseChart(meshes: HelmMeshes): Promise<ReleasedChart> {
  const chart = createChart(meshes);
  using onDisk = chartOnDisk(meshes);
  const mesh = meshes.prod ?? meshes.dev;
  const secretPaths = new Map([...chart.secrets].map(([name, { path }]) => [name, path]));
  const standIns = createStandIns({ mesh, secretPaths, variables: chart.variables });
  const values = { file: 'values.yaml', text: onDisk.files.get('values.yaml') ?? '' };
  const folder = `helm/${chart.name}`;
  const templates = [...onDisk.files].filter(([file]) => file.startsWith('templates/'));
  const switched = mergeValues(switchOn(values, ['externalSecrets']), standIns.values);
  const [dev, prod, switchedOn] = await Promise.all([
    render(onDisk, meshes, standIns.values),
    render(onDisk, meshes, standIns.values, ...production(onDisk)),
    render(onDisk, meshes, switched),
  ]);
  return {
    ...{ dev, prod, switchedOn },
    audit: (environment, text) => {
      const sources = splitRendered(text, { folder, environment });
      const model = environment === 'prod' ? mesh : meshes.dev;
      return auditChart({ chart, environment, mesh: model, sources, standIns });
    },
    auditSwitchedOn: (text) =>
      auditSwitchedOn('helm dev', meshes.dev, splitRendered(text, { folder, environment: 'switched on' })),
    auditValues: () =>
      checkChartValues('helm dev', {
        values,
        overlays: [{ file: 'values-prod.yaml', text: onDisk.files.get('values-prod.yaml') ?? '' }],
        templates: templates.map(([file, text]) => ({ file, text })),
      }),
  };
}

async function render(
  chart: ChartOnDisk,
  { dev }: HelmMeshes,
  values: object,
  ...options: readonly string[]
): Promise<string> {
  using folder = temporaryFolder({ 'values.json': JSON.stringify(values) });
  // The release has the name of the mesh, as `mesh verify` renders it.
  const own = [...options, '--values', path.join(folder.path, 'values.json')];
  const { exitCode, stdout, stderr } = await runKubernetesTool('helm', ['template', dev.name, chart.path, ...own]);
  if (exitCode !== 0) throw new Error(stderr);
  return stdout;
}
