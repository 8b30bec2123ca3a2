import { endpointOf } from '../../mesh/mesh.ts';
import { portNameOf } from '../kubernetes/ports.ts';
import { type Chart, type ChartNode, wholeNode } from './chart.ts';
import { include, lines, yamlText } from './go-template.ts';
import { objectHead, objectName, selectorOf } from './names.ts';
import { endpointPortKey } from './service-ports.ts';
import { yamlScalar } from './yaml-lines.ts';

/** How many pods a service has, by the CPU that they use; the Deployment then says nothing about it. */
export function renderAutoscaler(chart: Chart, node: ChartNode): string {
  const values = `.Values.${node.key}.autoscaling`;
  return lines(
    `{{- if and .Values.${node.key}.enabled ${values}.enabled }}`,
    objectHead(chart, node, { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler' }),
    'spec:',
    '  scaleTargetRef:',
    '    apiVersion: apps/v1',
    '    kind: Deployment',
    `    name: ${objectName(chart, node)}`,
    `  minReplicas: {{ ${values}.minReplicas }}`,
    `  maxReplicas: {{ ${values}.maxReplicas }}`,
    '  metrics:',
    '    - type: Resource',
    '      resource:',
    '        name: cpu',
    '        target:',
    '          type: Utilization',
    `          averageUtilization: {{ ${values}.targetCPUUtilizationPercentage }}`,
    '{{- end }}',
  );
}

/** How many pods of a service may be taken away at once, such as when nodes are drained. */
export function renderDisruptionBudget(chart: Chart, node: ChartNode): string {
  return lines(
    `{{- if and .Values.${node.key}.enabled .Values.podDisruptionBudget.enabled }}`,
    objectHead(chart, node, { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget' }),
    'spec:',
    '  maxUnavailable: {{ .Values.podDisruptionBudget.maxUnavailable }}',
    // A pod that is not ready serves nobody: it must not keep a node from being drained.
    '  unhealthyPodEvictionPolicy: AlwaysAllow',
    '  selector:',
    '    matchLabels:',
    `      ${selectorOf(chart, node, 6)}`,
    '{{- end }}',
  );
}

/** The way from outside to an endpoint of a service. */
export function renderIngress(chart: Chart, node: ChartNode, endpoint: string): string {
  const host = `.Values.ingress.hosts.${node.key}`;
  return lines(
    `{{- if and .Values.${node.key}.enabled .Values.ingress.enabled }}`,
    objectHead(chart, node, { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress' }),
    '  {{- with .Values.ingress.annotations }}',
    '  annotations:',
    '    {{- toYaml . | nindent 4 }}',
    '  {{- end }}',
    'spec:',
    '  {{- with .Values.ingress.className }}',
    '  ingressClassName: {{ . | quote }}',
    '  {{- end }}',
    '  {{- if .Values.ingress.tls.enabled }}',
    '  tls:',
    `    - hosts: [{{ ${host} | quote }}]`,
    `      secretName: {{ default (printf "%s-${node.name}-tls" (${include(`${chart.name}.fullname`)})) .Values.ingress.tls.secretName | quote }}`,
    '  {{- end }}',
    '  rules:',
    `    - host: {{ ${host} | quote }}`,
    '      http:',
    '        paths:',
    '          - path: /',
    '            pathType: Prefix',
    '            backend:',
    '              service:',
    `                name: ${objectName(chart, node)}`,
    '                port:',
    `                  number: {{ .Values.${node.key}.service.${endpointPortKey(wholeNode(node), endpoint)} }}`,
    '{{- end }}',
  );
}

/** Where the Prometheus operator scrapes a service. */
export function renderServiceMonitor(
  chart: Chart,
  node: ChartNode,
  metrics: { readonly endpoint: string; readonly path: string },
): string {
  return lines(
    `{{- if and .Values.${node.key}.enabled .Values.serviceMonitor.enabled }}`,
    objectHead(chart, node, { apiVersion: 'monitoring.coreos.com/v1', kind: 'ServiceMonitor' }),
    '    {{- with .Values.serviceMonitor.labels }}',
    '    {{- toYaml . | nindent 4 }}',
    '    {{- end }}',
    'spec:',
    '  selector:',
    '    matchLabels:',
    `      ${selectorOf(chart, node, 6)}`,
    '  endpoints:',
    `    - port: ${yamlScalar(portNameOf(wholeNode(node), endpointOf(wholeNode(node), metrics.endpoint)))}`,
    `      path: ${yamlText(metrics.path)}`,
    '      interval: {{ .Values.serviceMonitor.interval }}',
    '{{- end }}',
  );
}
