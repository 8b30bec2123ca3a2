import type { Chart } from './chart.ts';
import { goString, include, indent, lines } from './go-template.ts';
import { containerImage, placementFields } from './pod-template.ts';
import { hasSecretSettings } from './settings-templates.ts';
import { TOOL_SECURITY } from './wait-for.ts';

/** The name of the migrations' pods in labels. */
export const MIGRATIONS_NAME = 'migrations';

/**
 * templates/migrations.yaml: a Job that brings a database up to date. After an install, since it needs the Secrets of the
 * release and perhaps its database; before an upgrade, so that new pods find the new tables.
 */
export function renderMigrations(chart: Chart): string {
  const c = chart.name;
  const labels = `{{- include ${goString(`${c}.labels`)} (dict "root" $ "name" ${goString(MIGRATIONS_NAME)} "component" "migrations")`;
  const withSecret = chart.services.filter(hasSecretSettings);
  return lines(
    '{{- if .Values.migrations.enabled }}',
    'apiVersion: batch/v1',
    'kind: Job',
    'metadata:',
    `  name: {{ ${include(`${c}.fullname`)} }}-${MIGRATIONS_NAME}`,
    '  labels:',
    `    ${labels} | nindent 4 }}`,
    '  annotations:',
    '    helm.sh/hook: post-install,pre-upgrade',
    '    helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded',
    'spec:',
    '  backoffLimit: 6',
    '  template:',
    '    metadata:',
    '      labels:',
    `        ${labels} | nindent 8 }}`,
    '    spec:',
    '      restartPolicy: OnFailure',
    indent(placementFields(), 6),
    '      securityContext:',
    '        seccompProfile:',
    '          type: RuntimeDefault',
    '      containers:',
    '        - name: migrations',
    indent(containerImage(chart, '.Values.migrations.image', 'registry'), 10),
    '          {{- with .Values.migrations.command }}',
    '          command:',
    '            {{- toYaml . | nindent 12 }}',
    '          {{- end }}',
    '          {{- with .Values.migrations.settingsOf }}',
    '          envFrom:',
    '            - configMapRef:',
    `                name: {{ ${include(`${c}.fullname`).replace(/\.$/, '$')} }}-{{ . }}-config`,
    ...withSecret.map((node) =>
      lines(
        `            {{- if eq . ${goString(node.name)} }}`,
        '            - secretRef:',
        `                name: {{ default (printf "%s-%s-secret" (${include(`${c}.fullname`).replace(/\.$/, '$')}) .) $.Values.${node.key}.existingSecret | quote }}`,
        '            {{- end }}',
      ),
    ),
    '          {{- end }}',
    '          securityContext:',
    indent(withoutUser(TOOL_SECURITY), 12),
    '{{- end }}',
  );
}

/** Its image says who runs it, and may write. */
function withoutUser(security: string): string {
  return security
    .split('\n')
    .filter((line) => !/^(runAs(User|Group)|readOnlyRootFilesystem|runAsNonRoot)/.test(line))
    .join('\n');
}
