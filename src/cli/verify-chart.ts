import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { checkChartFiles } from '../audit/check-files.ts';
import type { ChartEnvironment } from '../audit/expect/helm-style.ts';
import { type Audit, type Finding, joinAudits } from '../audit/finding.ts';
import { auditChart, auditSwitchedOn } from '../audit/helm/audit-chart.ts';
import { checkChartValues } from '../audit/helm/check-values.ts';
import { mergeValues } from '../audit/helm/merge-values.ts';
import { splitRendered } from '../audit/helm/split-rendered.ts';
import { createStandIns, type StandIns } from '../audit/helm/stand-ins.ts';
import { switchOn } from '../audit/helm/switches.ts';
import type { Source } from '../diagnostics/location.ts';
import type { Artefact } from '../mesh/artefact.ts';
import { type Chart, createChart, type HelmMeshes } from '../render/helm/chart.ts';
import { renderHelm } from '../render/helm/render-helm.ts';
import { readFileIfThere } from '../workspace/state-folder.ts';
import { openTemporaryFolder, type TemporaryFolder } from '../workspace/temporary-folder.ts';
import type { Io } from './io.ts';
import { type HelmProgram, type HelmResult, runHelm } from './run-helm.ts';
import type { TargetAudit } from './verify-project.ts';

export interface ChartRequest {
  readonly meshes: HelmMeshes;
  readonly root: string;
  readonly program: HelmProgram;
}

/**
 * The chart of a project, rendered by Helm with the values of development and of production, each held against the model
 * of its environment; and once with all that can be switched on, to see that it holds together.
 *
 * @throws InvalidInput when the helm program that was named cannot be run
 */
export async function verifyChart({ meshes, root, program }: ChartRequest, io: Io): Promise<readonly TargetAudit[]> {
  const artefacts = renderHelm(meshes);
  using chart = openChart(root, artefacts);
  const release = createRelease({ meshes, chart, program }, io);
  const rendered = await Promise.all([release.render('dev'), release.render('prod'), release.renderSwitchedOn()]);
  const [dev, prod, switched] = rendered;
  const { files } = chart;
  const development = release.audit('dev', dev, [
    checkChartValues('helm dev', { values: files.values, overlays: files.overlays, templates: files.templates }),
    // A chart that is refused at all says the same again.
    ...(dev.kind === 'refused' ? [] : [release.auditSwitchedOn(switched)]),
  ]);
  const production = release.audit('prod', prod, []);
  const blamed = development.findings.length + production.findings.length > 0;
  const others = blamed ? [] : checkChartFiles('helm dev', artefacts.map(asSource), files.all);
  return [{ ...development, findings: [...development.findings, ...others] }, production];
}

interface OpenedChart extends Disposable {
  /** Absolute path. */
  readonly path: string;
  /** As messages show it. */
  readonly folder: string;
  readonly files: {
    readonly values: Source;
    readonly overlays: readonly Source[];
    readonly templates: readonly Source[];
    /** Empty where the chart is not committed. */
    readonly all: readonly Source[];
  };
}

/** The committed chart; one that is not is written to a temporary folder, since Helm reads folders only. */
function openChart(root: string, artefacts: readonly Artefact[]): OpenedChart {
  const folder = (artefacts[0]?.path ?? '').split('/').slice(0, 2).join('/');
  const committed = artefacts.flatMap(({ path: file }): Source[] => {
    const text = readFileIfThere(path.join(root, file));
    return text === undefined ? [] : [{ file, text }];
  });
  const isCommitted = committed.length > 0;
  const shown = isCommitted ? committed : artefacts.map(asSource);
  const temporary = isCommitted ? undefined : writeTemporary(artefacts);
  const place = temporary?.path ?? root;
  const named = (ending: string) => shown.filter(({ file }) => file.endsWith(ending));
  return {
    path: path.join(place, folder),
    folder,
    files: {
      values: named('/values.yaml')[0] ?? { file: `${folder}/values.yaml`, text: '' },
      overlays: named('/values-prod.yaml'),
      templates: shown.filter(({ file }) => file.startsWith(`${folder}/templates/`)),
      all: committed,
    },
    [Symbol.dispose]: () => temporary?.[Symbol.dispose](),
  };
}

function writeTemporary(artefacts: readonly Artefact[]): TemporaryFolder {
  const folder = openTemporaryFolder('mesh-chart-');
  for (const { path: file, text } of artefacts) {
    const target = path.join(folder.path, file);
    mkdirSync(path.dirname(target), { recursive: true });
    writeFileSync(target, text);
  }
  return folder;
}

function asSource({ path: file, text }: Artefact): Source {
  return { file, text };
}

interface ReleaseInput {
  readonly meshes: HelmMeshes;
  readonly chart: OpenedChart;
  readonly program: HelmProgram;
}

function createRelease({ meshes, chart: opened, program }: ReleaseInput, io: Io) {
  const chart: Chart = createChart(meshes);
  const meshOf = (environment: ChartEnvironment) => (environment === 'prod' ? (meshes.prod ?? meshes.dev) : meshes.dev);
  const standIns: StandIns = createStandIns({
    mesh: meshOf('prod'),
    secretPaths: new Map([...chart.secrets].map(([name, secret]) => [name, secret.path])),
    variables: chart.variables,
  });
  const run = (valuesFiles: readonly string[], values: Readonly<Record<string, unknown>>) => {
    const release = { chart: opened.path, release: meshes.dev.name, valuesFiles, values };
    return runHelm(program, release, { cwd: opened.path, env: io.env, signal: io.signal });
  };
  const sourcesOf = (result: HelmResult, environment: string) =>
    result.kind === 'rendered' ? splitRendered(result.text, { folder: opened.folder, environment }) : [];
  return {
    render: (environment: ChartEnvironment) =>
      run(environment === 'prod' ? [path.join(opened.path, 'values-prod.yaml')] : [], standIns.values),
    renderSwitchedOn: () =>
      // Secrets that an operator makes take the place of those that are looked at.
      run([], mergeValues(switchOn(opened.files.values, ['externalSecrets']), standIns.values)),
    auditSwitchedOn: (result: HelmResult): Audit =>
      result.kind === 'refused'
        ? refused('helm dev', result.words)
        : auditSwitchedOn('helm dev', meshes.dev, sourcesOf(result, 'all switched on')),
    audit: (environment: ChartEnvironment, result: HelmResult, more: readonly Audit[]): TargetAudit => {
      const name = `helm ${environment}`;
      const mesh = meshOf(environment);
      const sources = [...sourcesOf(result, environment), opened.files.values, ...opened.files.overlays];
      const own =
        result.kind === 'refused'
          ? refused(name, result.words)
          : auditChart({ chart, environment, mesh, sources: sourcesOf(result, environment), standIns });
      return {
        name,
        environment: mesh.environment,
        sources: [...sources, ...opened.files.templates],
        ...joinAudits([own, ...more]),
      };
    },
  };
}

function refused(target: string, words: string): Audit {
  const finding: Finding = {
    code: 'MESH4004',
    target,
    service: '',
    fact: 'chart',
    message: `Helm does not render the chart: ${words}`,
    places: [],
    hint: 'mend the chart, or write it again: mesh generate',
  };
  return { comparisons: 1, findings: [finding] };
}
