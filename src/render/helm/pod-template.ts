import type { MeshNode } from '../../mesh/mesh.ts';
import { isBuiltByMesh } from '../built-by-mesh.ts';
import { literal } from '../kubernetes/pod-template.ts';
import { containerPorts } from '../kubernetes/ports.ts';
import { renderProbes } from '../kubernetes/probes.ts';
import { containerSecurity, podSecurity } from '../kubernetes/security.ts';
import { byEnvironment } from './by-environment.ts';
import { type Chart, type ChartNode, versionsOf } from './chart.ts';
import { goString, include, indent, lines, yamlList } from './go-template.ts';
import { labelsOf, objectName, selectorOf } from './names.ts';
import { podVolumes, volumeMounts } from './pod-volumes.ts';
import { checksumOf } from './secret-templates.ts';
import { hasFiles, hasSecretSettings } from './settings-templates.ts';
import { initContainers } from './wait-for.ts';
import { yamlLines, yamlScalar } from './yaml-lines.ts';

/** `template:` of the workload of a service. */
export function renderPodTemplate(chart: Chart, node: ChartNode): string {
  const files = [
    ['config', 'configmap.yaml', true],
    ['secret', 'secret.yaml', hasSecretSettings(node)],
    ['files', 'files.yaml', hasFiles(node, 'files')],
    ['secret-files', 'secret-files.yaml', hasFiles(node, 'secret-files')],
  ] as const;
  return lines(
    'template:',
    '  metadata:',
    '    annotations:',
    '      # Pods read their settings when they start: a change of these starts new ones.',
    ...files.map(([name, file, exists]) => exists && `      checksum/${name}: {{ ${checksumOf(node, file)} }}`),
    '    labels:',
    `      ${labelsOf(chart, node, 6)}`,
    '  spec:',
    indent(placementFields(), 4),
    indent(byEnvironment(chart, node, podFields), 4),
    indent(spread(chart, node), 4),
    indent(initContainers(chart, node), 4),
    '    containers:',
    `      - name: ${yamlScalar(node.name)}`,
    indent(
      containerImage(chart, `.Values.${node.key}.image`, node.node.build === undefined ? 'as named' : 'registry'),
      8,
    ),
    indent(byEnvironment(chart, node, commandFields), 8),
    '        envFrom:',
    '          - configMapRef:',
    `              name: ${objectName(chart, node, '-config')}`,
    indent(secretReference(chart, node), 10),
    indent(byEnvironment(chart, node, containerFields), 8),
    indent(resourceFields(`.Values.${node.key}.resources`), 8),
    indent(byEnvironment(chart, node, volumeMounts), 8),
    indent(
      byEnvironment(chart, node, (version) => podVolumes(chart, version)),
      4,
    ),
  );
}

/** What all pods of the chart have, of services and of servers. */
export function placementFields(): string {
  return lines(
    'automountServiceAccountToken: false',
    '# Else every Service of the namespace becomes a dozen variables, which some programs take for settings.',
    'enableServiceLinks: false',
    '{{- with .Values.imagePullSecrets }}',
    'imagePullSecrets:',
    '  {{- range . }}',
    '  - name: {{ . | quote }}',
    '  {{- end }}',
    '{{- end }}',
    '{{- with .Values.nodeSelector }}',
    'nodeSelector:',
    '  {{- toYaml . | nindent 2 }}',
    '{{- end }}',
    '{{- with .Values.tolerations }}',
    'tolerations:',
    '  {{- toYaml . | nindent 2 }}',
    '{{- end }}',
  );
}

/** The image of a container, from values of that path. What is built here comes from the registry of the values. */
export function containerImage(chart: Chart, values: string, source: 'registry' | 'as named'): string {
  const registry = source === 'registry' ? '$.Values.imageRegistry' : '""';
  return lines(
    `image: {{ include ${goString(`${chart.name}.image`)} (dict "root" $ "image" ${values} "registry" ${registry}) | quote }}`,
    `imagePullPolicy: {{ ${values}.pullPolicy }}`,
  );
}

/** The resources of a container, from a value of that path. */
export function resourceFields(values: string): string {
  return lines(`{{- with ${values} }}`, 'resources:', '  {{- toYaml . | nindent 2 }}', '{{- end }}');
}

/** The fields of a pod that follow from the node. */
export function podFields(version: MeshNode): string {
  const data = {
    restartPolicy: version.job ? 'OnFailure' : undefined,
    // The pod, not the program, is process 1: SIGTERM then ends any program.
    shareProcessNamespace: isBuiltByMesh(version) ? true : undefined,
    terminationGracePeriodSeconds: Math.ceil(version.stopGraceMs / 1000),
    securityContext: podSecurity(version),
  };
  return yamlLines(data);
}

/** What is run, where it is not what the image says. */
export function commandFields(version: MeshNode): string {
  const words = (texts: readonly string[]) => yamlList(texts.map(literal));
  return lines(
    version.entrypoint && `command: ${words(version.entrypoint)}`,
    version.command && `args: ${words(version.command)}`,
  );
}

/** The fields of a container that follow from the node. */
export function containerFields(version: MeshNode): string {
  const ports = containerPorts(version);
  return yamlLines({
    ports: ports.length === 0 ? undefined : ports,
    ...(version.job ? {} : renderProbes(version)),
    securityContext: containerSecurity(version),
  });
}

function secretReference(chart: Chart, node: ChartNode): string {
  const existing = `.Values.${node.key}.existingSecret`;
  if (!hasSecretSettings(node))
    return lines(`{{- with ${existing} }}`, '- secretRef:', '    name: {{ . | quote }}', '{{- end }}');
  const own = `(printf "%s-${node.name}-secret" (${include(`${chart.name}.fullname`)}))`;
  return lines('- secretRef:', `    name: {{ default ${own} ${existing} | quote }}`);
}

function spread(chart: Chart, node: ChartNode): string {
  if (isSingle(node)) return '';
  const values = `.Values.${node.key}`;
  return lines(
    `{{- if or ${values}.autoscaling.enabled (gt (int ${values}.replicaCount) 1) }}`,
    'topologySpreadConstraints:',
    '  - maxSkew: 1',
    '    topologyKey: kubernetes.io/hostname',
    '    whenUnsatisfiable: ScheduleAnyway',
    '    labelSelector:',
    '      matchLabels:',
    `        ${selectorOf(chart, node, 8)}`,
    '{{- end }}',
  );
}

/** A job, or what has a volume: never more than one of it. */
export function isSingle(node: ChartNode): boolean {
  return versionsOf(node).some((version) => version.job || version.volumes.length > 0);
}
