import type { MeshNode } from '../../mesh/mesh.ts';
import { renderMounts } from '../kubernetes/mounts.ts';
import { placeFiles } from '../kubernetes/node-data.ts';
import { camelCase } from './camel-case.ts';
import { type Chart, type ChartNode, versionsOf } from './chart.ts';
import { indent, lines } from './go-template.ts';
import { objectName, selectorOf } from './names.ts';
import { yamlLines, yamlScalar } from './yaml-lines.ts';

/** Where a container has its volumes, its files, and folders to write to that nobody keeps. */
export function volumeMounts(version: MeshNode): string {
  const mounts = renderMounts(version, placeFiles(version.files)).volumeMounts;
  return mounts.length === 0 ? '' : yamlLines({ volumeMounts: mounts });
}

/** The volumes of a pod that no claim is made for. */
export function podVolumes(chart: Chart, version: MeshNode): string {
  const { volumes } = renderMounts(version, placeFiles(version.files));
  const texts = volumes.map((volume) => {
    if ('emptyDir' in volume) return yamlLines([volume]);
    const [kind, field, suffix] =
      'configMap' in volume ? ['configMap', 'name', '-files'] : ['secret', 'secretName', '-secret-files'];
    return lines(`- name: ${volume.name}`, `  ${kind}:`, `    ${field}: ${objectName(chart, version, suffix)}`);
  });
  return texts.length === 0 ? '' : lines('volumes:', indent(lines(...texts), 2));
}

/** `volumeClaimTemplates` of a StatefulSet, whose sizes are values; of all volumes that some environment has. */
export function claimTemplates(chart: Chart, node: ChartNode, values: string): string {
  const names = [...new Set(versionsOf(node).flatMap((version) => version.volumes.map(({ name }) => name)))];
  return lines(
    'volumeClaimTemplates:',
    ...names.map((name) => {
      const volume = `${values}.persistence.${camelCase(name)}`;
      return lines(
        '  - metadata:',
        `      name: ${yamlScalar(name)}`,
        '      # Fixed when it is made, so no version is in its labels.',
        '      labels:',
        `        ${selectorOf(chart, node, 8)}`,
        '    spec:',
        '      accessModes: [ReadWriteOnce]',
        `      {{- with ${volume}.storageClass }}`,
        '      storageClassName: {{ . | quote }}',
        '      {{- end }}',
        '      resources:',
        '        requests:',
        `          storage: {{ ${volume}.size | quote }}`,
      );
    }),
  );
}
