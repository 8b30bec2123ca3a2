import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Location } from '../diagnostics/location.ts';
import { didYouMean } from '../diagnostics/suggest.ts';
import type { ManifestNode } from '../manifest/schema.ts';
import type { Endpoint, KubernetesSettings } from './mesh.ts';

/** What a manifest says for Kubernetes alone; an endpoint that does not exist is reported. */
export function resolveKubernetes(
  node: ManifestNode,
  endpoints: readonly Endpoint[],
  context: { readonly name: string; readonly at: Location; readonly report: (diagnostic: Diagnostic) => void },
): KubernetesSettings {
  const { service = 'ClusterIP', ingress, external } = node.kubernetes ?? {};
  const names = endpoints.map(({ name }) => name);
  if (ingress !== undefined && !names.includes(ingress)) {
    context.report({
      code: 'MESH1207',
      severity: 'error',
      message: `${context.name} has no endpoint "${ingress}" for an Ingress to lead to`,
      location: context.at,
      hint: didYouMean(ingress, names) ?? (names.length > 0 ? `it has: ${names.join(', ')}` : 'declare one'),
    });
  }
  return { service, ingress, external };
}
