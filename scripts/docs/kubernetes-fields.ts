import { readFileSync } from 'node:fs';
import path from 'node:path';

const PACKAGES = path.join(import.meta.dirname, '../../node_modules');

/** What a mesh, and what people write beside it, is made of. */
const KINDS: Readonly<Record<string, readonly string[]>> = {
  'apps/v1': ['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet'],
  'autoscaling/v2': ['HorizontalPodAutoscaler'],
  'batch/v1': ['Job', 'CronJob'],
  'networking.k8s.io/v1': ['Ingress', 'NetworkPolicy'],
  'policy/v1': ['PodDisruptionBudget'],
  'rbac.authorization.k8s.io/v1': ['Role', 'RoleBinding', 'ClusterRole', 'ClusterRoleBinding'],
  v1: ['ConfigMap', 'Namespace', 'PersistentVolumeClaim', 'Pod', 'Secret', 'Service', 'ServiceAccount'],
};

/** Written out in the types; the only place of its kind. */
const INLINE: Readonly<Record<string, Fields>> = {
  StatefulSetSpec: { volumeClaimTemplates: '[ClaimTemplate' },
};
const OWN: Readonly<Record<string, Fields>> = {
  ClaimTemplate: { apiVersion: 's', kind: 's', metadata: 'ObjectMeta!', spec: 'PersistentVolumeClaimSpec!' },
};

type Fields = Record<string, string>;

/** Name → file of what a file imports. */
type Imports = ReadonlyMap<string, string>;

/**
 * src/audit/schema/kubernetes-fields.json: which fields the objects of Kubernetes have, from the types of the package
 * kubernetes-models. The compiled schemas of that package are megabytes.
 */
export function renderKubernetesFields(): string {
  const names = new Map<string, string>();
  const queue: string[] = [];
  const types: Record<string, Fields> = {};
  const add = (file: string): string => {
    const known = names.get(file);
    if (known !== undefined) return known;
    const name = path.basename(file, '.d.ts');
    const own = [...names.values()].includes(name) ? `${name}${names.size}` : name;
    names.set(file, own);
    queue.push(file);
    return own;
  };
  const kinds: Record<string, string> = {};
  for (const [apiVersion, kindNames] of Object.entries(KINDS)) {
    for (const kind of kindNames) {
      kinds[`${apiVersion} ${kind}`] = add(path.join(PACKAGES, 'kubernetes-models', apiVersion, `${kind}.d.ts`));
    }
  }
  for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
    types[names.get(file) ?? ''] = fieldsIn(file, add);
  }
  for (const [type, fields] of Object.entries(INLINE)) Object.assign(types[type] ?? {}, fields);
  return `${JSON.stringify({ kinds, types: { ...types, ...OWN } })}\n`;
}

/** What a server writes, and nobody applies. */
const OF_SERVERS: ReadonlySet<string> = new Set(['status', 'managedFields']);

function fieldsIn(file: string, add: (file: string) => string): Fields {
  const text = readFileSync(file, 'utf8');
  const imports = importsOf(file, text);
  const body = /export interface I\w+ (?:extends [^{]*)?\{\n(.*?)\n\}/s.exec(text)?.[1] ?? '';
  const plain = body.replace(/\/\*\*.*?\*\//gs, '');
  const pattern = /^ {4}"([^"]+)"(\??): ((?:Array<)?\{\n.*?\n {4}\}>?|[^\n]*?);$/gms;
  const fields: Fields = {};
  for (const [, field = '', optional, type = ''] of plain.matchAll(pattern)) {
    if (OF_SERVERS.has(field)) continue;
    fields[field] = `${wordOf(type, imports, add)}${optional === '' ? '!' : ''}`;
  }
  return fields;
}

function importsOf(file: string, text: string): Imports {
  const imports = new Map<string, string>();
  for (const [, list = '', from = ''] of text.matchAll(/import \{ ([^}]*) \} from "([^"]+)";/g)) {
    const target = from.startsWith('.')
      ? path.join(path.dirname(file), from.replace(/\.js$/, '.d.ts'))
      : path.join(PACKAGES, `${from}.d.ts`);
    for (const name of list.split(',')) imports.set(name.trim(), target);
  }
  // A type that refers to itself does so by the name of its interface.
  for (const [, own = '', alias = ''] of text.matchAll(/(I\w+) as (I\w+)/g)) {
    imports.set(own, file);
    imports.set(alias, file);
  }
  return imports;
}

const WORDS: Readonly<Record<string, string>> = { string: 's', number: 'n', boolean: 'b' };

/** Type of TypeScript → one word of the table; see `check-schema.ts`. */
function wordOf(type: string, imports: Imports, add: (file: string) => string): string {
  const trimmed = type.trim();
  const list = /^Array<(.*)>$/s.exec(trimmed)?.[1];
  if (list !== undefined) return `[${wordOf(list, imports, add)}`;
  const map = /^\{\s*\[key: string\]: (.*?);?\s*\}$/s.exec(trimmed)?.[1];
  if (map !== undefined) return `{${wordOf(map, imports, add)}`;
  if (trimmed.startsWith('"')) return `=${[...trimmed.matchAll(/"([^"]*)"/g)].map(([, text]) => text).join('|')}`;
  const file = imports.get(trimmed);
  if (file === undefined) return WORDS[trimmed] ?? '*';
  if (file.endsWith('/api/resource/Quantity.d.ts')) return 'q';
  if (file.endsWith('/util/intstr/IntOrString.d.ts')) return 'sn';
  return /\/(?:Time|MicroTime)\.d\.ts$/.test(file) ? 's' : add(file);
}
