import type { Artefact } from '../../mesh/artefact.ts';
import { writeData } from './write-objects.ts';

export interface Kustomization {
  /** Its folder, relative to the project root. */
  readonly folder: string;
  readonly header: string;
  readonly resources: readonly string[];
  readonly patches?: readonly string[];
}

export const KUSTOMIZATION_FILE = 'kustomization.yaml';

/** Whether it is a list of files for kustomize, and no object of the cluster. */
export function isKustomization({ path }: Artefact): boolean {
  return path.endsWith(`/${KUSTOMIZATION_FILE}`);
}

export function renderKustomization({ folder, header, resources, patches = [] }: Kustomization): Artefact {
  const data = {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    resources,
    ...(patches.length > 0 && { patches: patches.map((patch) => ({ patch })) }),
  };
  return { path: `${folder}/${KUSTOMIZATION_FILE}`, text: writeData(header, data) };
}
