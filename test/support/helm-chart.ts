import path from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { Artefact } from '../../src/mesh/artefact.ts';
import type { HelmMeshes } from '../../src/render/helm/chart.ts';
import { renderHelm } from '../../src/render/helm/render-helm.ts';
import { runKubernetesTool, type ToolResult } from './kubernetes-tools.ts';
import { type TemporaryFolder, temporaryFolder } from './temporary-folder.ts';

/** An object that Helm rendered, as YAML has it. */
export interface RenderedObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels: Record<string, string>; readonly annotations?: object };
  readonly data?: Record<string, string>;
  readonly stringData?: Record<string, string>;
  // biome-ignore lint/suspicious/noExplicitAny: tests look deep into specs of every kind
  readonly spec: any;
}

/** A chart on disk for one test file, and Helm to ask about it. */
export interface ChartOnDisk extends Disposable {
  readonly path: string;
  readonly files: ReadonlyMap<string, string>;
  /** The objects of a release named `mesh`; throws with what Helm says when it refuses. */
  readonly objects: (values?: object, ...options: string[]) => Promise<RenderedObject[]>;
  /** What Helm says. */
  readonly template: (values?: object, ...options: string[]) => Promise<ToolResult>;
  /** What a user is told after an install. */
  readonly notes: (values?: object, ...options: string[]) => Promise<string>;
  readonly lint: (values?: object, ...options: string[]) => Promise<ToolResult>;
}

let count = 0;

export function chartOnDisk(meshes: HelmMeshes): ChartOnDisk {
  return writeChart(renderHelm(meshes));
}

export function writeChart(artefacts: readonly Artefact[]): ChartOnDisk {
  const folder: TemporaryFolder = temporaryFolder(
    Object.fromEntries(artefacts.map((artefact) => [artefact.path, artefact.text])),
  );
  const [first = { path: '' }] = artefacts;
  const chart = path.join(folder.path, first.path.split('/').slice(0, 2).join('/'));
  const ask = async (command: readonly string[], values: object, options: readonly string[]) => {
    const file = `values-${count++}.json`;
    // Go's YAML takes some characters for line ends; those of two units must stay as they are.
    const escaped = JSON.stringify(values).replaceAll(
      /[\u007f-\ud7ff\ue000-\uffff]/g,
      (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
    );
    folder.write(file, escaped);
    return await runKubernetesTool('helm', [...command, chart, ...options, '--values', path.join(folder.path, file)]);
  };
  const template = (values: object = {}, ...options: string[]) => ask(['template', 'mesh'], values, options);
  return {
    path: chart,
    files: new Map(artefacts.map((artefact) => [artefact.path.split('/').slice(2).join('/'), artefact.text])),
    template,
    notes: async (values = {}, ...options) => {
      const { stdout } = await ask(['install', 'mesh', '--dry-run=client'], values, options);
      return stdout.slice(stdout.indexOf('\nNOTES:\n') + '\nNOTES:\n'.length);
    },
    lint: (values = {}, ...options) => ask(['lint', '--strict'], values, options),
    objects: async (values, ...options) => {
      const { exitCode, stdout, stderr } = await template(values, ...options);
      if (exitCode !== 0) throw new Error(stderr);
      return parseObjects(stdout);
    },
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  };
}

/** The options that put the values of production first. */
export function production(chart: ChartOnDisk): string[] {
  return ['--values', path.join(chart.path, 'values-prod.yaml')];
}

/** Every document of a stream; YAML 1.1, as Kubernetes reads it. */
export function parseObjects(text: string): RenderedObject[] {
  return parseAllDocuments(text, { version: '1.1' }).flatMap((document) => {
    if (document.errors.length > 0) throw document.errors[0];
    const object = document.toJS() as RenderedObject | null;
    return object === null ? [] : [object];
  });
}

/** The one object of that kind and name, without the name of the release in front of it. */
export function find(objects: readonly RenderedObject[], kind: string, name: string): RenderedObject {
  const found = objects.filter((object) => object.kind === kind && object.metadata.name.endsWith(name));
  const shortest = found.toSorted((a, b) => a.metadata.name.length - b.metadata.name.length)[0];
  if (shortest === undefined)
    throw new Error(
      `no ${kind} ${name} among ${objects.map((object) => `${object.kind} ${object.metadata.name}`).join(', ')}`,
    );
  return shortest;
}

/** Runs a few at a time: Helm takes a whole core for a tenth of a second. */
export async function inBatches<Item, Result>(
  items: readonly Item[],
  run: (item: Item) => Promise<Result>,
  width = 3,
): Promise<Result[]> {
  const results: Result[] = [];
  let next = 0;
  const worker = async () => {
    while (next < items.length) {
      const index = next++;
      const item = items[index];
      if (item !== undefined) results[index] = await run(item);
    }
  };
  await Promise.all(Array.from({ length: width }, worker));
  return results;
}
