import { type Chart, type External, wholeNode } from './chart.ts';
import { hasIngress } from './chart-values.ts';
import { include, lines, yamlText } from './go-template.ts';
import { endpointPortKey } from './service-ports.ts';
import { hasSecretSettings } from './settings-templates.ts';

const SEMANTIC = /^v?(\d+)(?:\.(\d+))?(?:\.(\d+))?((?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?)$/;

/** The version of a mesh as a chart has it: Helm takes semantic ones only. */
export function chartVersion(version: string): string {
  const [, major, minor = '0', patch = '0', rest = ''] = SEMANTIC.exec(version) ?? [];
  if (major === undefined) return '0.0.0';
  return `${[major, minor, patch].map(Number).join('.')}${rest}`;
}

/** Chart.yaml: the chart has the version of the mesh. */
export function renderChartYaml(chart: Chart): string {
  return lines(
    'apiVersion: v2',
    `name: ${chart.name}`,
    `description: ${yamlText(`The mesh ${chart.name}: ${chart.services.map(({ name }) => name).join(', ')}`)}`,
    'type: application',
    `version: ${chartVersion(chart.appVersion)}`,
    `appVersion: ${yamlText(chart.appVersion)}`,
    '# networking.k8s.io/v1, autoscaling/v2, policy/v1, and probes that ask over gRPC',
    'kubeVersion: ">=1.27.0-0"',
  );
}

/** What is no part of the packed chart. */
export const HELMIGNORE = ['.git', '.DS_Store', '*.tgz', '*.orig', '*.bak', '*.swp'].join('\n');

/** templates/NOTES.txt: how the mesh is reached, and what is still to be done. */
export function renderNotes(chart: Chart): string {
  const c = chart.name;
  const fullname = `{{ ${include(`${c}.fullname`)} }}`;
  const doors = chart.services.filter((node) => hasIngress(node) || node.node.kubernetes.service !== 'ClusterIP');
  const [door] = doors.length > 0 ? doors : chart.services.filter(({ endpoints }) => endpoints.length > 0);
  const endpoint = door?.node.kubernetes.ingress ?? door?.endpoints[0]?.name;
  const port = door && endpoint && `{{ .Values.${door.key}.service.${endpointPortKey(wholeNode(door), endpoint)} }}`;
  const publicDev = chart.services.some(hasSecretSettings);
  const text = lines(
    `${c} {{ .Chart.AppVersion }} is installed as {{ .Release.Name }} in {{ .Release.Namespace }}, environment {{ .Values.environment }}.`,
    BLANK,
    'Watch it start, then ask every service whether it is ready:',
    '  kubectl --namespace {{ .Release.Namespace }} get pods --selector app.kubernetes.io/instance={{ .Release.Name }} --watch',
    '  helm test {{ .Release.Name }} --namespace {{ .Release.Namespace }}',
    ...(door === undefined || port === undefined
      ? []
      : [
          `{{- if .Values.${door.key}.enabled }}`,
          '{{ "" }}',
          hasIngress(door)
            ? lines(
                '{{- if .Values.ingress.enabled }}',
                `${door.name} is at http{{ if .Values.ingress.tls.enabled }}s{{ end }}://{{ .Values.ingress.hosts.${door.key} }}/`,
                `{{- else if eq .Values.${door.key}.service.type "LoadBalancer" }}`,
              )
            : `{{- if eq .Values.${door.key}.service.type "LoadBalancer" }}`,
          `${door.name} gets an address from the load balancer:`,
          `  kubectl --namespace {{ .Release.Namespace }} get service ${fullname}-${door.name}`,
          '{{- else }}',
          `Reach ${door.name} at http://127.0.0.1:8080/ with:`,
          `  kubectl --namespace {{ .Release.Namespace }} port-forward service/${fullname}-${door.name} 8080:${port}`,
          '{{- end }}',
          '{{- end }}',
        ]),
    ...(chart.externals.size === 0
      ? []
      : [BLANK, 'Its servers:', ...[...chart.externals.values()].map((external) => serverNote(chart, external))]),
    ...(publicDev
      ? [
          `{{- if not (${include(`${c}.isProduction`)}) }}`,
          BLANK,
          'Secrets that you do not set are those of values.yaml, which everybody can read: this is no production.',
          '{{- end }}',
        ]
      : []),
  );
  return text.replaceAll(BLANK, '');
}

/** An empty line that is meant. */
const BLANK = '\0';

function serverNote(chart: Chart, { node, form }: External): string {
  const name = `${chart.name}.${node.name}`;
  const inCluster = include(`${name}.inCluster`);
  const given = `.Values.externalServices.${node.key}.${form}`;
  const address = `  ${node.name} at {{ ${include(`${name}.address`)} }}`;
  return lines(
    `{{- if or (${inCluster}) ${given} }}`,
    `${address}{{ if ${inCluster} }}, in the cluster{{ end }}`,
    '{{- end }}',
  );
}
