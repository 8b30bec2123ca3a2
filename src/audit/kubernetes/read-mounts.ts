import type { Location } from '../../diagnostics/location.ts';
import type { Tree } from '../../manifest/tree.ts';
import { type Fact, textValue } from '../facts.ts';
import { field, itemsOf, textOf } from '../read-documents.ts';
import { heldTexts, podSpec } from './containers.ts';
import { type KubeObject, ofKind, sameNamespace } from './objects.ts';
import type { EnvironmentScope } from './read-environment.ts';

/** What a pod mounts: keys of ConfigMaps and Secrets are files, all else is a volume. */
export function readMounts(container: Tree, scope: EnvironmentScope): Fact[] {
  return itemsOf(field(container, 'volumeMounts')).flatMap((mount) => {
    const name = textOf(field(mount, 'name')) ?? '';
    const path = textOf(field(mount, 'mountPath')) ?? '';
    const volume = volumeOf(name, scope);
    const files = volume === undefined ? undefined : filesOf(volume, scope);
    if (files === undefined) {
      const kept = volume === undefined || field(volume, 'persistentVolumeClaim') !== undefined;
      return kept ? [{ aspect: 'volume', key: path, value: textValue(name), at: mount.at } as const] : [];
    }
    const only = textOf(field(mount, 'subPath'));
    return files
      .filter((file) => only === undefined || file.path === only)
      .map((file): Fact => {
        const key = only === undefined ? `${path.replace(/\/$/, '')}/${file.path}` : path;
        return { aspect: 'file', key, value: file.value, at: file.at, from: file.from };
      });
  });
}

interface MountedFile extends Pick<Fact, 'value' | 'from'> {
  readonly path: string;
  readonly at: Location;
}

function filesOf(volume: Tree, scope: EnvironmentScope): MountedFile[] | undefined {
  const projected = field(volume, 'projected', 'sources');
  if (projected !== undefined) return itemsOf(projected).flatMap((source) => filesOf(source, scope) ?? []);
  const config = field(volume, 'configMap');
  const source = config ?? field(volume, 'secret');
  if (source === undefined) return undefined;
  const kind = config === undefined ? 'secret' : 'config';
  const object = textOf(field(source, 'secretName')) ?? textOf(field(source, 'name')) ?? '';
  const found = ofKind(scope.objects, kind === 'secret' ? 'Secret' : 'ConfigMap').find(
    (candidate: KubeObject) => candidate.name === object && sameNamespace(candidate, scope.workload),
  );
  const chosen = itemsOf(field(source, 'items')).map((item) => ({
    key: textOf(field(item, 'key')) ?? '',
    path: textOf(field(item, 'path')) ?? '',
  }));
  const held = found === undefined ? new Map() : heldTexts(found);
  const keys = chosen.length > 0 ? chosen : [...held.keys()].map((key) => ({ key, path: key }));
  return keys.map(({ key, path }) => {
    const text = held.get(key);
    const value =
      kind === 'secret' ? scope.readSecret({ object, key, text: text?.text }) : scope.decode(text?.text ?? '');
    return { path, value, at: text?.at ?? source.at, from: { kind, object, key } };
  });
}

/** A volume of the pod; nothing for one that a StatefulSet claims for each pod. */
function volumeOf(name: string, { workload }: EnvironmentScope): Tree | undefined {
  return itemsOf(field(podSpec(workload), 'volumes')).find((volume) => textOf(field(volume, 'name')) === name);
}
