import type { MeshNode } from '../../mesh/mesh.ts';
import { camelCase } from './camel-case.ts';
import { type Chart, type ChartNode, versionsOf } from './chart.ts';
import { indent, lines } from './go-template.ts';
import { objectName, selectorOf } from './names.ts';
import { isBuiltByMesh } from './pod/built-by-mesh.ts';
import { imageFacts } from './pod/image-facts.ts';
import { fileKeys, filesOf } from './settings-templates.ts';
import { yamlLines, yamlScalar } from './yaml-lines.ts';

const FILES = { files: 'mesh-files', 'secret-files': 'mesh-secret-files' } as const;

/** Where a container has its volumes, its files, and folders to write to that nobody keeps. */
export function volumeMounts(version: MeshNode): string {
  const keys = fileKeys(version);
  const mounts = [
    ...version.volumes.map(({ name, path }) => ({ name, mountPath: path })),
    ...scratchFolders(version).map(({ name, path }) => ({ name, mountPath: path })),
    // Each file alone, so that what the image has in the same folder stays.
    ...(['files', 'secret-files'] as const).flatMap((content) =>
      filesOf(version, content).map((file) => ({
        name: FILES[content],
        mountPath: file.path,
        subPath: keys.get(file),
        readOnly: true,
      })),
    ),
  ];
  return mounts.length === 0 ? '' : yamlLines({ volumeMounts: mounts });
}

/** The volumes of a pod that no claim is made for. */
export function podVolumes(chart: Chart, version: MeshNode): string {
  const fileVolume = (content: 'files' | 'secret-files') =>
    filesOf(version, content).length > 0 &&
    lines(
      `- name: ${FILES[content]}`,
      content === 'files' ? '  configMap:' : '  secret:',
      `    ${content === 'files' ? 'name' : 'secretName'}: ${objectName(chart, version, `-${content}`)}`,
    );
  const volumes = lines(
    ...scratchFolders(version).map(({ name }) => lines(`- name: ${name}`, '  emptyDir: {}')),
    fileVolume('files'),
    fileVolume('secret-files'),
  );
  return volumes === '' ? '' : lines('volumes:', indent(volumes, 2));
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

/** Where a program has to write although nothing of it is kept; a volume of the manifest at the same place is better. */
function scratchFolders(version: MeshNode): { readonly name: string; readonly path: string }[] {
  const dataPath = imageFacts(version)?.dataPath;
  const folders = [
    ...(isBuiltByMesh(version) ? [{ name: 'mesh-tmp', path: '/tmp' }] : []),
    ...(dataPath === undefined ? [] : [{ name: 'mesh-data', path: dataPath }]),
  ];
  return folders.filter(({ path }) => version.volumes.every((volume) => volume.path !== path));
}
