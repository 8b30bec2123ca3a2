import { type Chart, versionsOf, wholeNode } from './chart.ts';
import { goString, include, indent, lines } from './go-template.ts';
import { endpointPortKey } from './service-ports.ts';
import { TOOL_RESOURCES, TOOL_SECURITY, toolImage } from './wait-for.ts';

/** The name of the test's pod in labels. */
export const TEST_NAME = 'readiness-test';

/** What `helm test` asks: lines that add to the list `$targets` whatever is on. */
function targets(chart: Chart): string[] {
  const c = chart.name;
  const fullname = `(${include(`${c}.fullname`)})`;
  const services = chart.services.flatMap((node) => {
    const check = versionsOf(node)
      .map(({ health }) => health.ready)
      .find((ready) => ready.kind === 'http');
    // wget takes only some answers for success.
    if (check === undefined || (check.status !== undefined && check.status >= 300)) return [];
    const port = `.Values.${node.key}.service.${endpointPortKey(wholeNode(node), check.endpoint)}`;
    const format = `http://%s-${node.name}:%v${check.path.replaceAll('%', '%%')}`;
    return [target(`.Values.${node.key}.enabled`, `printf ${goString(format)} ${fullname} ${port}`)];
  });
  const servers = [...chart.externals.values()].flatMap(({ node, main, form }) => {
    if (main.protocol === 'udp') return [];
    const call = (name: string) => `(${include(`${c}.${node.name}.${name}`)})`;
    const where =
      form === 'address'
        ? `or ${call('inCluster')} .Values.externalServices.${node.key}.address`
        : include(`${c}.${node.name}.host`);
    return [target(where, `printf "tcp://%s:%s" ${call('host')} ${call('port')}`)];
  });
  return [...services, ...servers];
}

function target(condition: string, text: string): string {
  return `{{- if ${condition} }}{{ $targets = append $targets (${text}) }}{{ end }}`;
}

/** Whether there is anything to ask. */
export function hasTest(chart: Chart): boolean {
  return targets(chart).length > 0;
}

/** templates/tests/readiness.yaml: asks every service with an HTTP check whether it is ready, and tries every server. */
export function renderTest(chart: Chart): string {
  const c = chart.name;
  return lines(
    '{{- $targets := list }}',
    ...targets(chart),
    '{{- if $targets }}',
    'apiVersion: v1',
    'kind: Pod',
    'metadata:',
    `  name: {{ ${include(`${c}.fullname`)} }}-${TEST_NAME}`,
    '  labels:',
    `    {{- include ${goString(`${c}.labels`)} (dict "root" $ "name" ${goString(TEST_NAME)} "component" "test") | nindent 4 }}`,
    '  annotations:',
    '    helm.sh/hook: test',
    '    helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded',
    'spec:',
    '  restartPolicy: Never',
    '  automountServiceAccountToken: false',
    '  enableServiceLinks: false',
    '  {{- with .Values.imagePullSecrets }}',
    '  imagePullSecrets:',
    '    {{- range . }}',
    '    - name: {{ . | quote }}',
    '    {{- end }}',
    '  {{- end }}',
    '  securityContext:',
    '    seccompProfile:',
    '      type: RuntimeDefault',
    '  containers:',
    '    - name: readiness',
    indent(toolImage(chart), 6),
    '      command:',
    '        - sh',
    '        - -c',
    '        - |',
    '          failed=0',
    '          for target in "$@"; do',
    '            place="${target#tcp://}"',
    '            case "$target" in',
    '              tcp://*) nc -z -w 5 "${place%:*}" "${place##*:}" ;;',
    '              *) wget -q -T 5 -O /dev/null "$target" ;;',
    '            esac && echo "ready      $target" || { echo "not ready  $target"; failed=1; }',
    '          done',
    '          exit "$failed"',
    '        - readiness',
    '      args:',
    '        {{- toYaml $targets | nindent 8 }}',
    indent(TOOL_RESOURCES, 6),
    '      securityContext:',
    indent(TOOL_SECURITY, 8),
    '{{- end }}',
  );
}
