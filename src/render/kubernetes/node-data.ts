import { createHash } from 'node:crypto';
import type { ConfigFile, MeshNode } from '../../mesh/mesh.ts';
import { holdsSecret, type Value } from '../../mesh/value.ts';
import type { KubernetesObject } from './kubernetes-object.ts';
import { objectLabels } from './labels.ts';
import type { RenderScope } from './render-scope.ts';

type Texts = Readonly<Record<string, string>>;

/** A config file, and under which key of which object its text is. */
export interface PlacedFile {
  readonly path: string;
  readonly key: string;
  readonly secret: boolean;
}

/**
 * All that a node is told, in the four objects that can hold it. Settings and files are apart, since every key of what a
 * container gets its environment from becomes a variable.
 */
export interface NodeData {
  readonly settings: KubernetesObject | undefined;
  readonly secretSettings: KubernetesObject | undefined;
  readonly fileTexts: KubernetesObject | undefined;
  readonly secretFileTexts: KubernetesObject | undefined;
  readonly files: readonly PlacedFile[];
  /** Over their contents: a pod with another digest is another pod, so a changed setting rolls the pods. */
  readonly checksums: Texts;
}

/** What holds a secret goes to Secrets, all else to ConfigMaps; an object that would be empty is left out. */
export function renderNodeData(scope: RenderScope, node: MeshNode): NodeData {
  const files = placeFiles(node.files);
  const settings = node.env.map(({ name, value }) => ({ key: name, value }));
  const contents = node.files.map(({ content }, index) => ({ key: files[index]?.key ?? '', value: content }));
  const plain = textsOf(scope, settings, 'plain');
  const secret = textsOf(scope, settings, 'secret');
  const plainFiles = textsOf(scope, contents, 'plain');
  const secretFiles = textsOf(scope, contents, 'secret');
  return {
    settings: configMap(scope, node, settingsName(node), plain),
    secretSettings: secretObject(scope, node, secretSettingsName(node), secret),
    fileTexts: configMap(scope, node, filesName(node), plainFiles),
    secretFileTexts: secretObject(scope, node, filesName(node), secretFiles),
    files,
    checksums: {
      ...checksum('checksum/config', [plain, plainFiles]),
      ...checksum('checksum/secret', [secret, secretFiles]),
    },
  };
}

/** The ConfigMap that a node's environment comes from. */
export function settingsName(node: MeshNode): string {
  return `${node.name}-config`;
}

/** The Secret that a node's environment comes from. */
export function secretSettingsName(node: MeshNode): string {
  return `${node.name}-secret`;
}

/** The ConfigMap, and the Secret, that hold a node's files. */
export function filesName(node: MeshNode): string {
  return `${node.name}-files`;
}

interface KeyedValue {
  readonly key: string;
  readonly value: Value;
}

function textsOf(scope: RenderScope, values: readonly KeyedValue[], which: 'plain' | 'secret'): Texts {
  const wanted = values.filter(({ value }) => holdsSecret(value) === (which === 'secret'));
  return Object.fromEntries(wanted.map(({ key, value }) => [key, scope.text(value)]));
}

/** Keys are the names of the files, with a number where two folders have one of the same name. */
export function placeFiles(files: readonly ConfigFile[]): PlacedFile[] {
  const taken = new Set<string>();
  return files.map(({ path, content }, index) => {
    const name = (path.split('/').at(-1) ?? '').replace(/[^-._A-Za-z0-9]/g, '-');
    const key = name === '' || taken.has(name) ? `${index + 1}-${name}` : name;
    taken.add(key);
    return { path, key, secret: holdsSecret(content) };
  });
}

function configMap(scope: RenderScope, node: MeshNode, name: string, data: Texts): KubernetesObject | undefined {
  if (Object.keys(data).length === 0) return undefined;
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: metadataOf(scope, node, name), data };
}

function secretObject(
  scope: RenderScope,
  node: MeshNode,
  name: string,
  stringData: Texts,
): KubernetesObject | undefined {
  if (Object.keys(stringData).length === 0) return undefined;
  return { apiVersion: 'v1', kind: 'Secret', metadata: metadataOf(scope, node, name), type: 'Opaque', stringData };
}

function metadataOf({ mesh }: RenderScope, node: MeshNode, name: string): KubernetesObject['metadata'] {
  return { name, labels: objectLabels(mesh, node) };
}

function checksum(name: string, contents: readonly Texts[]): Texts {
  if (contents.every((texts) => Object.keys(texts).length === 0)) return {};
  return { [name]: createHash('sha256').update(JSON.stringify(contents)).digest('hex') };
}
