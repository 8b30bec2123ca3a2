import { parseAllDocuments } from 'yaml';
import type { Artefact } from '../../../../src/mesh/artefact.ts';
import type { Mesh } from '../../../../src/mesh/mesh.ts';
import { renderKubernetesInfrastructure } from '../../../../src/render/kubernetes/render-infrastructure.ts';
import { renderKubernetesServices } from '../../../../src/render/kubernetes/render-services.ts';

/** An object as a reader of the file gets it. */
export interface ParsedObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  // biome-ignore lint/suspicious/noExplicitAny: objects of many kinds, which tests look deep into
  readonly [field: string]: any;
}

/** Path → text of all files for Kubernetes. */
export function kubernetesFiles(mesh: Mesh): Readonly<Record<string, string>> {
  const artefacts = [...renderKubernetesServices(mesh), ...renderKubernetesInfrastructure(mesh)];
  return Object.fromEntries(artefacts.map(({ path, text }) => [path, text]));
}

/** All objects of the cluster, as YAML 1.1 is read. */
export function kubernetesObjects(mesh: Mesh): ParsedObject[] {
  return Object.entries(kubernetesFiles(mesh))
    .filter(([path]) => !path.endsWith('/kustomization.yaml'))
    .flatMap(([path, text]) => parseObjects({ path, text }));
}

export function parseObjects({ text }: Artefact): ParsedObject[] {
  return parseAllDocuments(text, { version: '1.1' }).map((document) => document.toJS() as ParsedObject);
}

/** The object of that kind and name; `Deployment api`. */
export function objectOf(mesh: Mesh, label: string): ParsedObject {
  const found = kubernetesObjects(mesh).find(({ kind, metadata }) => `${kind} ${metadata.name}` === label);
  if (found === undefined) throw new Error(`there is no ${label}`);
  return found;
}
