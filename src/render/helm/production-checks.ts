import { type Chart, type ChartNode, usedSecrets } from './chart.ts';
import { goString, lines } from './go-template.ts';
import { addToList } from './multimap.ts';
import { devSecret } from './secret-values.ts';
import { hasFiles } from './settings-templates.ts';

/** templates/production.yaml: renders nothing, and refuses what must not reach production, all of it at once. */
export function renderProductionChecks(chart: Chart): string {
  const users = new Map<string, ChartNode[]>();
  for (const node of [...chart.services, ...chart.infrastructure])
    for (const name of new Set(usedSecrets(node))) addToList(users, name, node);
  const secrets = [...chart.secrets.values()].map((secret) => {
    const path = secret.path.join('.');
    const known = [...new Set([devSecret(secret), secret.dev?.fallback, secret.prod?.fallback])].filter(
      (text) => text !== undefined,
    );
    const minLength = Math.max(secret.prod?.minLength ?? 0, secret.dev?.minLength ?? 0);
    const scope = `(dict "path" ${goString(path)} "value" .Values.${path} "minLength" ${minLength} "known" (list ${known.map(goString).join(' ')}))`;
    return lines(
      `{{- if or ${(users.get(secret.name) ?? []).map(readsFromValues).join(' ')} }}`,
      `{{- with include ${goString(`${chart.name}.secretProblem`)} ${scope} }}`,
      '{{- $problems = append $problems . }}',
      '{{- end }}',
      '{{- end }}',
    );
  });
  const variables = [...chart.variables]
    .filter(([, fallback]) => fallback === '')
    .map(([name]) =>
      lines(
        `{{- if not (index .Values.variables ${goString(name)}) }}`,
        `{{- $problems = append $problems ${goString(`variables.${name} is empty`)} }}`,
        '{{- end }}',
      ),
    );
  return lines(
    `{{- if include ${goString(`${chart.name}.isProduction`)} . }}`,
    '{{- $problems := list }}',
    ...secrets,
    ...variables,
    '{{- if $problems }}',
    `{{- fail (printf "environment %s does not start with these values:\\n  %s\\nset them, or name a Secret that exists (<service>.existingSecret), or switch externalSecrets on" .Values.environment (join "\\n  " $problems)) }}`,
    '{{- end }}',
    '{{- end }}',
  );
}

/** Whether a node is on and gets the secret from the values. */
function readsFromValues(node: ChartNode): string {
  if (node.kind === 'infrastructure')
    return `(and .Values.infrastructure.enabled .Values.infrastructure.${node.key}.enabled)`;
  // The Secret that exists is for settings; files are made from the values all the same.
  const existing = hasFiles(node, 'secret-files') ? '' : ` (not .Values.${node.key}.existingSecret)`;
  return `(and .Values.${node.key}.enabled${existing} (not .Values.externalSecrets.enabled))`;
}
