import type { MeshNode } from '../../mesh/mesh.ts';
import { type ServicePort, servicePorts } from '../kubernetes/ports.ts';
import { byEnvironment } from './by-environment.ts';
import { type Chart, type ChartNode, versionsOf } from './chart.ts';
import { indent, lines } from './go-template.ts';
import { labelsOf, objectHead, objectName, selectorOf } from './names.ts';
import { isSingle, renderPodTemplate } from './pod-template.ts';
import { claimTemplates } from './pod-volumes.ts';
import { servicePortKey } from './service-ports.ts';
import { yamlScalar } from './yaml-lines.ts';

/** The file that a service's workload is in, named for its kind. */
export function workloadFile(node: ChartNode): string {
  return node.node.job ? 'job.yaml' : hasVolumes(node) ? 'statefulset.yaml' : 'deployment.yaml';
}

/** The workload of a service: what keeps data needs a StatefulSet, what ends a Job. */
export function renderWorkload(chart: Chart, node: ChartNode): string {
  if (node.node.job) return renderJob(chart, node);
  const values = `.Values.${node.key}`;
  const kind = hasVolumes(node) ? 'StatefulSet' : 'Deployment';
  return lines(
    `{{- if ${values}.enabled }}`,
    objectHead(chart, node, { apiVersion: 'apps/v1', kind }),
    'spec:',
    kind === 'StatefulSet' && `  serviceName: ${objectName(chart, node)}`,
    ...(isSingle(node)
      ? ['  replicas: 1']
      : [`  {{- if not ${values}.autoscaling.enabled }}`, `  replicas: {{ ${values}.replicaCount }}`, '  {{- end }}']),
    `  revisionHistoryLimit: ${REVISIONS}`,
    kind === 'Deployment' &&
      lines(
        '  strategy:',
        '    type: RollingUpdate',
        '    rollingUpdate:',
        '      # The old pods stay until the new ones are ready.',
        '      maxUnavailable: 0',
      ),
    '  selector:',
    '    matchLabels:',
    `      ${selectorOf(chart, node, 6)}`,
    indent(renderPodTemplate(chart, node), 2),
    kind === 'StatefulSet' && indent(claimTemplates(chart, node, values), 2),
    '{{- end }}',
  );
}

/** Whether some environment of the node has volumes. */
export function hasVolumes(node: ChartNode): boolean {
  return versionsOf(node).some((version) => version.volumes.length > 0);
}

// Enough to go back a few versions; ten, the default, is a long list of nothing.
const REVISIONS = 3;

/** The Job of a service that runs once. Its pods cannot be changed, so each revision of the release has one of its own. */
function renderJob(chart: Chart, node: ChartNode): string {
  return lines(
    `{{- if .Values.${node.key}.enabled }}`,
    'apiVersion: batch/v1',
    'kind: Job',
    'metadata:',
    `  name: ${objectName(chart, node)}-{{ .Release.Revision }}`,
    '  labels:',
    `    ${labelsOf(chart, node, 4)}`,
    'spec:',
    indent(renderPodTemplate(chart, node), 2),
    '{{- end }}',
  );
}

/** The Service of a service: the one name under which others find its pods. */
export function renderService(chart: Chart, node: ChartNode): string {
  const values = `.Values.${node.key}.service`;
  return lines(
    `{{- if .Values.${node.key}.enabled }}`,
    objectHead(chart, node, { apiVersion: 'v1', kind: 'Service' }),
    `  {{- with ${values}.annotations }}`,
    '  annotations:',
    '    {{- toYaml . | nindent 4 }}',
    '  {{- end }}',
    'spec:',
    `  type: {{ ${values}.type }}`,
    '  selector:',
    `    ${selectorOf(chart, node, 4)}`,
    '  ports:',
    byEnvironment(chart, node, (version) =>
      servicePortLines(version, (port) => `{{ ${values}.${servicePortKey(version, port.name)} }}`),
    ),
    '{{- end }}',
  );
}

/** The ports of a Service, whose numbers the caller writes. */
export function servicePortLines(version: MeshNode, number: (port: ServicePort) => string): string {
  return lines(
    ...servicePorts(version).map((port) =>
      lines(
        `    - name: ${yamlScalar(port.name)}`,
        `      port: ${number(port)}`,
        `      targetPort: ${yamlScalar(port.targetPort)}`,
        port.protocol && `      protocol: ${port.protocol}`,
        port.appProtocol && `      appProtocol: ${port.appProtocol}`,
      ),
    ),
  );
}
