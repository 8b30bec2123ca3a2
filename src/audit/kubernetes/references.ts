import type { Location } from '../../diagnostics/location.ts';
import type { Tree } from '../../manifest/tree.ts';
import { field, itemsOf, textOf } from '../read-documents.ts';
import { allContainersOf, podSpec } from './containers.ts';
import type { Workload } from './objects.ts';

/** A pod needs a ConfigMap or Secret: a key of it, or all of it. */
export interface Reference {
  readonly kind: 'ConfigMap' | 'Secret';
  readonly name: string;
  /** Missing when all keys are taken. */
  readonly key?: string | undefined;
  /** Kubernetes starts the pod without it. */
  readonly optional: boolean;
  readonly at: Location;
}

/** Every ConfigMap and Secret that the pods of a workload refer to, and which keys. */
export function referencesOf(workload: Workload): Reference[] {
  const containers = allContainersOf(workload);
  const mounts = containers.flatMap((container) => itemsOf(field(container, 'volumeMounts')));
  return [
    ...containers.flatMap((container) => [
      ...itemsOf(field(container, 'envFrom')).flatMap(fromWhole),
      ...itemsOf(field(container, 'env')).flatMap(fromKey),
    ]),
    ...itemsOf(field(podSpec(workload), 'volumes')).flatMap((volume) => fromVolume(volume, mounts)),
    ...itemsOf(field(podSpec(workload), 'imagePullSecrets')).flatMap((item) =>
      asReference('Secret', item, { optional: true }),
    ),
  ];
}

interface Extra {
  readonly key?: string | undefined;
  readonly optional?: boolean;
  readonly at?: Location;
}

function asReference(kind: Reference['kind'], source: Tree | undefined, extra: Extra = {}): Reference[] {
  const named = field(source, 'name') ?? field(source, 'secretName');
  const name = textOf(named);
  if (source === undefined || named === undefined || name === undefined) return [];
  const optional = extra.optional ?? textOf(field(source, 'optional')) === 'true';
  return [{ kind, name, key: extra.key, optional, at: extra.at ?? named.at }];
}

function fromWhole(item: Tree): Reference[] {
  return [...asReference('ConfigMap', field(item, 'configMapRef')), ...asReference('Secret', field(item, 'secretRef'))];
}

function fromKey(item: Tree): Reference[] {
  return (['ConfigMap', 'Secret'] as const).flatMap((kind) => {
    const source = field(item, 'valueFrom', kind === 'Secret' ? 'secretKeyRef' : 'configMapKeyRef');
    const key = field(source, 'key');
    return asReference(kind, source, { key: textOf(key), ...(key !== undefined && { at: key.at }) });
  });
}

/** A volume without a list of keys holds all; but where it is mounted by single keys only, the others are not used. */
function fromVolume(volume: Tree, mounts: readonly Tree[]): Reference[] {
  const name = textOf(field(volume, 'name'));
  const own = mounts.filter((mount) => textOf(field(mount, 'name')) === name);
  const sources = itemsOf(field(volume, 'projected', 'sources'));
  return [volume, ...sources].flatMap((holder) =>
    (['ConfigMap', 'Secret'] as const).flatMap((kind) => {
      const source = field(holder, kind === 'Secret' ? 'secret' : 'configMap');
      const items = itemsOf(field(source, 'items'));
      if (items.length > 0) {
        return items.flatMap((item) => asReference(kind, source, { key: textOf(field(item, 'key')), at: item.at }));
      }
      const single = own.map((mount) => field(mount, 'subPath'));
      if (single.length === 0 || single.includes(undefined)) return asReference(kind, source);
      return single.flatMap((path) =>
        asReference(kind, source, { key: textOf(path), ...(path !== undefined && { at: path.at }) }),
      );
    }),
  );
}
