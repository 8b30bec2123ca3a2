import type { MeshNode } from '../../mesh/mesh.ts';
import { imageFacts } from '../kubernetes/image-facts.ts';
import { imageSettings } from '../kubernetes/pod-template.ts';
import { byEnvironment } from './by-environment.ts';
import type { Chart, ChartNode } from './chart.ts';
import { indent, lines } from './go-template.ts';
import { labelsOf, objectHead, objectName, selectorOf } from './names.ts';
import {
  commandFields,
  containerFields,
  containerImage,
  placementFields,
  podFields,
  resourceFields,
} from './pod-template.ts';
import { claimTemplates, podVolumes, volumeMounts } from './pod-volumes.ts';
import {
  fileData,
  hasFiles,
  hasPlainSettings,
  hasSecretSettings,
  type SecretContent,
  secretData,
  serverConfig,
} from './settings-templates.ts';
import { hasVolumes, servicePortLines } from './workload-templates.ts';
import { yamlLines, yamlScalar } from './yaml-lines.ts';

/**
 * templates/infrastructure/<name>/server.yaml: a server in the cluster, for clusters on a developer's machine: one of each, no
 * backup. Its settings are the manifest's, its credentials the values that services use too.
 */
export function renderServer(chart: Chart, node: ChartNode): string {
  const objects = [
    hasPlainSettings(node) && object(chart, node, 'ConfigMap', '-config', serverConfig(chart, node)),
    secret(chart, node, 'settings', '-secret', hasSecretSettings(node)),
    hasFiles(node, 'files') && object(chart, node, 'ConfigMap', '-files', fileData(chart, node)),
    secret(chart, node, 'secret-files', '-secret-files', hasFiles(node, 'secret-files')),
    node.endpoints.length > 0 && service(chart, node),
    workload(chart, node),
  ].filter((text) => typeof text === 'string' && text !== '');
  return lines(
    `{{- if and .Values.infrastructure.enabled .Values.infrastructure.${node.key}.enabled }}`,
    objects.join('\n---\n'),
    '{{- end }}',
  );
}

function object(chart: Chart, node: ChartNode, kind: string, suffix: string, data: string): string {
  return lines(objectHead(chart, node, { apiVersion: 'v1', kind, suffix }), data);
}

function secret(chart: Chart, node: ChartNode, content: SecretContent, suffix: string, exists: boolean): string {
  if (!exists) return '';
  return object(chart, node, 'Secret', suffix, lines('type: Opaque', secretData(chart, node, content, 'values')));
}

function service(chart: Chart, node: ChartNode): string {
  return lines(
    objectHead(chart, node, { apiVersion: 'v1', kind: 'Service' }),
    'spec:',
    '  type: ClusterIP',
    '  selector:',
    `    ${selectorOf(chart, node, 4)}`,
    '  ports:',
    byEnvironment(chart, node, (version) => servicePortLines(version, ({ port }) => String(port))),
  );
}

/** The blocks of values that secrets are in, as far as the chart has them. */
function checksumSources(chart: Chart): string {
  const roots = new Set([...chart.secrets.values()].map(({ path }) => path[0]));
  const blocks = ['externalServices', 'secrets'].filter((block) => roots.has(block));
  return `"${'%v'.repeat(blocks.length)}"${blocks.map((block) => ` .Values.${block}`).join('')}`;
}

function workload(chart: Chart, node: ChartNode): string {
  const values = `.Values.infrastructure.${node.key}`;
  const keepsData = hasVolumes(node);
  const hasConfig = hasPlainSettings(node);
  const hasSecret = hasSecretSettings(node);
  // The whole file has its settings, so a checksum of these alone is not to be had by including the file.
  const checksum = `{{ printf ${checksumSources(chart)} | sha256sum }}`;
  return lines(
    objectHead(chart, node, { apiVersion: 'apps/v1', kind: keepsData ? 'StatefulSet' : 'Deployment' }),
    'spec:',
    keepsData && `  serviceName: ${objectName(chart, node)}`,
    '  replicas: 1',
    // Of a server that keeps its state in memory there must never be two at once, of which clients would see either.
    !keepsData && lines('  strategy:', '    type: Recreate'),
    '  selector:',
    '    matchLabels:',
    `      ${selectorOf(chart, node, 6)}`,
    '  template:',
    '    metadata:',
    hasSecret && lines('      annotations:', `        checksum/secret: ${checksum}`),
    '      labels:',
    `        ${labelsOf(chart, node, 8)}`,
    '    spec:',
    indent(placementFields(), 6),
    indent(byEnvironment(chart, node, podFields), 6),
    '      containers:',
    `        - name: ${yamlScalar(node.name)}`,
    indent(containerImage(chart, `${values}.image`, 'as named'), 10),
    indent(byEnvironment(chart, node, commandFields), 10),
    (hasConfig || hasSecret) && '          envFrom:',
    hasConfig && lines('            - configMapRef:', `                name: ${objectName(chart, node, '-config')}`),
    hasSecret && lines('            - secretRef:', `                name: ${objectName(chart, node, '-secret')}`),
    indent(byEnvironment(chart, node, imageFields), 10),
    indent(byEnvironment(chart, node, containerFields), 10),
    indent(resourceFields(`${values}.resources`), 10),
    indent(byEnvironment(chart, node, volumeMounts), 10),
    indent(
      byEnvironment(chart, node, (version) => podVolumes(chart, version)),
      6,
    ),
    keepsData && indent(claimTemplates(chart, node, values), 2),
  );
}

/** What the image needs to start without root. */
function imageFields(version: MeshNode): string {
  const env = imageSettings(version);
  const because = imageFacts(version)?.because;
  return env.length === 0 ? '' : lines(because !== undefined && `# ${because}`, yamlLines({ env }));
}
