import { type Chart, type ChartNode, versionsOf } from './chart.ts';
import { goString, include, indent, lines } from './go-template.ts';
import { yamlLines } from './yaml-lines.ts';

/** For containers of the chart's own, which run a shell and nothing else. */
export const TOOL_SECURITY = yamlLines({
  runAsNonRoot: true,
  runAsUser: 65534,
  runAsGroup: 65534,
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
});

/** The image of those containers, as the fields of one. */
export function toolImage(chart: Chart): string {
  return lines(
    `image: {{ include ${goString(`${chart.name}.image`)} (dict "root" $ "image" .Values.toolImage "registry" "") | quote }}`,
    'imagePullPolicy: {{ .Values.toolImage.pullPolicy }}',
  );
}

/** What those containers take. */
export const TOOL_RESOURCES = lines(
  'resources:',
  '  requests: { cpu: 10m, memory: 16Mi }',
  '  limits: { cpu: 100m, memory: 32Mi }',
);

/** A container that ends when the servers that a service needs can be connected to. */
export function initContainers(chart: Chart, node: ChartNode): string {
  const servers = neededServers(chart, node);
  if (servers.length === 0) return '';
  const call = (name: string) => `(${include(`${chart.name}.${name}`)})`;
  return lines(
    '{{- if .Values.waitFor.enabled }}',
    'initContainers:',
    '  - name: wait-for-infrastructure',
    indent(toolImage(chart), 4),
    '    command:',
    '      - sh',
    '      - -c',
    '      - |',
    '        for server in "$@"; do',
    '          until nc -z -w 2 "${server%:*}" "${server##*:}"; do echo "waiting for $server"; sleep 1; done',
    '        done',
    '      - wait-for-infrastructure',
    '    args:',
    ...servers.map((name) => `      - {{ printf "%s:%s" ${call(`${name}.host`)} ${call(`${name}.port`)} | quote }}`),
    indent(TOOL_RESOURCES, 4),
    '    securityContext:',
    indent(TOOL_SECURITY, 6),
    '{{- end }}',
  );
}

/** The servers that a service needs, in the order of its needs. UDP shows nothing to whoever connects. */
export function neededServers(chart: Chart, node: ChartNode): string[] {
  const names = versionsOf(node).flatMap((version) => version.needs.map((need) => need.node));
  return [...new Set(names)].filter((name) => {
    const external = chart.externals.get(name);
    return external !== undefined && external.main.protocol !== 'udp';
  });
}
