import type { Labels } from './labels.ts';

/** An object of the Kubernetes API as plain data, and what a reader of the file may wonder about. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels: Labels };
  readonly [field: string]: unknown;
}
