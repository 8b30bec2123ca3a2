import type { MeshNode } from '../../mesh/mesh.ts';
import { isBuiltByMesh } from '../built-by-mesh.ts';
import { imageFacts } from './image-facts.ts';
import { filesName, type PlacedFile } from './node-data.ts';

export interface VolumeMount {
  readonly name: string;
  readonly mountPath: string;
  readonly subPath?: string;
  readonly readOnly?: true;
}

/** A volume of the pod; those that keep data are claimed by the StatefulSet. */
export type PodVolume =
  | { readonly name: string; readonly emptyDir: Readonly<Record<string, never>> }
  | { readonly name: string; readonly configMap: { readonly name: string } }
  | { readonly name: string; readonly secret: { readonly secretName: string } };

export interface Mounts {
  readonly volumes: readonly PodVolume[];
  readonly volumeMounts: readonly VolumeMount[];
}

const FILES = 'mesh-files';
const SECRET_FILES = 'mesh-secret-files';

/** All that is mounted into a node's container: its volumes, its files, and folders to write to that nobody keeps. */
export function renderMounts(node: MeshNode, files: readonly PlacedFile[]): Mounts {
  const scratch = scratchFolders(node);
  const name = filesName(node);
  return {
    volumes: [
      ...scratch.map((folder) => ({ name: folder.name, emptyDir: {} })),
      ...(files.some(({ secret }) => !secret) ? [{ name: FILES, configMap: { name } }] : []),
      ...(files.some(({ secret }) => secret) ? [{ name: SECRET_FILES, secret: { secretName: name } }] : []),
    ],
    volumeMounts: [
      ...node.volumes.map((volume) => ({ name: volume.name, mountPath: volume.path })),
      ...scratch.map((folder) => ({ name: folder.name, mountPath: folder.path })),
      // Each file alone, so that what the image has in the same folder stays.
      ...files.map((file): VolumeMount => {
        return { name: file.secret ? SECRET_FILES : FILES, mountPath: file.path, subPath: file.key, readOnly: true };
      }),
    ],
  };
}

/** Where a program has to write although nothing of it is kept; a volume of the manifest at the same place is better. */
function scratchFolders(node: MeshNode): { readonly name: string; readonly path: string }[] {
  const dataPath = imageFacts(node)?.dataPath;
  const folders = [
    ...(isBuiltByMesh(node) ? [{ name: 'mesh-tmp', path: '/tmp' }] : []),
    ...(dataPath === undefined ? [] : [{ name: 'mesh-data', path: dataPath }]),
  ];
  return folders.filter(({ path }) => node.volumes.every((volume) => volume.path !== path));
}
