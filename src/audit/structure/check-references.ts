import { didYouMean } from '../../diagnostics/suggest.ts';
import { allContainersOf, heldTexts, podSpec } from '../kubernetes/containers.ts';
import { type KubeObject, ofKind, sameNamespace, type Workload } from '../kubernetes/objects.ts';
import { type Reference, referencesOf } from '../kubernetes/references.ts';
import { entriesOf, field, itemsOf, textOf } from '../read-documents.ts';
import { type CheckResult, finding, objectWords, type StructureInput } from './structure-input.ts';

/** A key of something that pods take their settings from. */
interface Holder {
  readonly kind: string;
  readonly name: string;
  readonly keys: ReadonlySet<string>;
  readonly object: KubeObject;
}

/** Whether every ConfigMap, Secret and key that a pod needs is there, and whether each that is there is needed. */
export function checkReferences(input: StructureInput): CheckResult {
  const holders = input.objects.flatMap(asHolder);
  const used = [...input.workloads].flatMap(([workload, node]) =>
    referencesOf(workload).map((reference) => ({ reference, workload, node })),
  );
  const missing = used.flatMap(({ reference, workload, node }) =>
    missingFrom(input, holders, { reference, workload, node }),
  );
  const idle = holders.flatMap((holder) => unused(input, holder, used));
  const mounts = [...input.workloads].flatMap(([workload, node]) => missingVolumes(input, workload, node));
  return { comparisons: used.length + holders.length, findings: [...missing, ...idle, ...mounts] };
}

interface Use {
  readonly reference: Reference;
  readonly workload: Workload;
  readonly node: string;
}

function missingFrom(input: StructureInput, holders: readonly Holder[], { reference, workload, node }: Use) {
  const { kind, name, key, optional, at } = reference;
  if (optional || (kind === 'Secret' && input.provided?.includes(name) === true)) return [];
  const sameKind = holders.filter((holder) => holder.kind === kind && sameNamespace(holder.object, workload));
  const holder = sameKind.find((candidate) => candidate.name === name);
  if (holder !== undefined && (key === undefined || holder.keys.has(key))) return [];
  const names = holder === undefined ? sameKind.map((candidate) => candidate.name) : holder.keys;
  return [
    finding(input, {
      code: 'MESH4201',
      service: node,
      fact: `${kind} ${name}${key === undefined ? '' : ` key ${key}`}`,
      message:
        holder === undefined
          ? `${node} needs ${kind} ${name}, which does not exist`
          : `${node} needs key ${key} of ${kind} ${name}, which does not have it`,
      at,
      other: holder === undefined ? undefined : { what: objectWords(holder.object), at: holder.object.at },
      hint: didYouMean(key !== undefined && holder !== undefined ? key : name, names) ?? 'add it, or correct the name',
    }),
  ];
}

function unused(input: StructureInput, { kind, name, keys, object }: Holder, uses: readonly Use[]) {
  const own = uses.filter(
    ({ reference, workload }) => reference.kind === kind && reference.name === name && sameNamespace(object, workload),
  );
  if (own.length === 0) {
    if (usedElsewhere(input.objects, object)) return [];
    return [
      finding(input, {
        code: 'MESH4202',
        fact: objectWords(object),
        message: `${objectWords(object)} is used by nothing`,
        at: object.at,
        hint: 'remove it, or refer to it',
      }),
    ];
  }
  if (own.some(({ reference }) => reference.key === undefined)) return [];
  const held = heldTexts(object);
  return [...keys]
    .filter((key) => own.every(({ reference }) => reference.key !== key))
    .map((key) =>
      finding(input, {
        code: 'MESH4202',
        service: new Set(own.map(({ node }) => node)).size === 1 ? own[0]?.node : undefined,
        fact: `${kind} ${name} key ${key}`,
        message: `key ${key} of ${objectWords(object)} is used by nothing`,
        at: held.get(key)?.keyAt ?? object.at,
        ...(kind === 'Secret' && { hidden: true }),
        hint: 'remove it, or refer to it',
      }),
    );
}

/** Certificates and credentials of registries are not for pods. */
function usedElsewhere(objects: readonly KubeObject[], { kind, name, tree }: KubeObject): boolean {
  if (kind !== 'Secret' && kind !== 'ConfigMap') return true;
  if (textOf(field(tree, 'type'))?.startsWith('kubernetes.io/') === true) return true;
  const tls = ofKind(objects, 'Ingress').flatMap((ingress) => itemsOf(field(ingress.tree, 'spec', 'tls')));
  return tls.some((item) => textOf(field(item, 'secretName')) === name);
}

/** Operators make Secrets of objects of their own. */
function asHolder(object: KubeObject): Holder[] {
  const { kind, tree } = object;
  if (kind === 'ConfigMap' || kind === 'Secret') {
    return [{ kind, name: object.name, keys: new Set(heldTexts(object).keys()), object }];
  }
  if (kind === 'ExternalSecret') {
    const name = textOf(field(tree, 'spec', 'target', 'name')) ?? object.name;
    const items = itemsOf(field(tree, 'spec', 'data')).map((item) => textOf(field(item, 'secretKey')) ?? '');
    const templated = entriesOf(field(tree, 'spec', 'target', 'template', 'data')).map(([key]) => key);
    return [{ kind: 'Secret', name, keys: new Set(templated.length > 0 ? templated : items), object }];
  }
  if (kind === 'SealedSecret') {
    const keys = entriesOf(field(tree, 'spec', 'encryptedData')).map(([key]) => key);
    return [{ kind: 'Secret', name: object.name, keys: new Set(keys), object }];
  }
  return [];
}

/** What a container mounts has to be a volume of its pod, or one that each pod claims. */
function missingVolumes(input: StructureInput, workload: Workload, node: string) {
  const claims = itemsOf(field(workload.tree, 'spec', 'volumeClaimTemplates'));
  const names = new Set([
    ...itemsOf(field(podSpec(workload), 'volumes')).map((volume) => textOf(field(volume, 'name'))),
    ...claims.map((claim) => textOf(field(claim, 'metadata', 'name'))),
  ]);
  const mounts = allContainersOf(workload).flatMap((container) => itemsOf(field(container, 'volumeMounts')));
  return mounts.flatMap((mount) => {
    const named = field(mount, 'name');
    const name = textOf(named);
    if (named === undefined || name === undefined || names.has(name)) return [];
    return [
      finding(input, {
        code: 'MESH4210',
        service: node,
        fact: `volume ${name}`,
        message: `${node} mounts volume ${name}, which its pod does not have`,
        at: named.at,
        other: { what: objectWords(workload), at: workload.at },
        hint: 'add it to the volumes of the pod, or correct the name',
      }),
    ];
  });
}
