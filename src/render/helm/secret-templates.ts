import type { Chart, ChartNode } from './chart.ts';
import { goString, indent, lines } from './go-template.ts';
import { objectHead, objectName } from './names.ts';
import { type SecretContent, secretData, secretNames } from './settings-templates.ts';

/** The Secret of a service, made from the values; with a Secret that exists, or an operator that makes it, there is none. */
export function renderSecret(chart: Chart, node: ChartNode, content: SecretContent): string {
  const values = `.Values.${node.key}`;
  const conditions = [`${values}.enabled`, '(not .Values.externalSecrets.enabled)'];
  // That Secret is for the environment of the process, where a file would be in the way.
  if (content === 'settings') conditions.splice(1, 0, `(not ${values}.existingSecret)`);
  return lines(
    `{{- if and ${conditions.join(' ')} }}`,
    objectHead(chart, node, { apiVersion: 'v1', kind: 'Secret', suffix: secretSuffix(content) }),
    'type: Opaque',
    secretData(chart, node, content, 'values'),
    '{{- end }}',
  );
}

/** The same Secret, made by the External Secrets operator from what its store has. */
export function renderExternalSecret(chart: Chart, node: ChartNode, content: SecretContent): string {
  const values = `.Values.${node.key}`;
  const conditions = [`${values}.enabled`, '.Values.externalSecrets.enabled'];
  if (content === 'settings') conditions.push(`(not ${values}.existingSecret)`);
  return lines(
    `{{- if and ${conditions.join(' ')} }}`,
    objectHead(chart, node, {
      apiVersion: 'external-secrets.io/v1',
      kind: 'ExternalSecret',
      suffix: secretSuffix(content),
    }),
    'spec:',
    '  refreshInterval: {{ .Values.externalSecrets.refreshInterval | quote }}',
    '  secretStoreRef:',
    '    kind: {{ .Values.externalSecrets.storeKind }}',
    '    name: {{ required "externalSecrets.storeName: which store the secrets are in" .Values.externalSecrets.storeName | quote }}',
    '  target:',
    `    name: ${objectName(chart, node, secretSuffix(content))}`,
    '    template:',
    '      engineVersion: v2',
    indent(secretData(chart, node, content, 'operator'), 6),
    '  data:',
    ...secretNames(node, content).map((name) => remoteSecret(chart, name)),
    '{{- end }}',
  );
}

function remoteSecret(chart: Chart, name: string): string {
  const key = chart.secrets.get(name)?.key ?? name;
  return lines(
    `    - secretKey: ${key}`,
    '      remoteRef:',
    `        key: {{ .Values.externalSecrets.keys.${key} | quote }}`,
    '        {{- with .Values.externalSecrets.property }}',
    '        property: {{ . | quote }}',
    '        {{- end }}',
  );
}

/** What the name of the Secret ends with. */
function secretSuffix(content: SecretContent): string {
  return content === 'settings' ? '-secret' : '-secret-files';
}

/** The checksum of a template of a service, as an expression. */
export function checksumOf(node: ChartNode, file: string): string {
  return `include (print $.Template.BasePath ${goString(`/${node.name}/${file}`)}) . | sha256sum`;
}
