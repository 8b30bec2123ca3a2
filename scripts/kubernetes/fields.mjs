// Writes src/audit/schema/kubernetes-fields.json: which fields the objects of Kubernetes have, from the types of the
// package kubernetes-models. A table of 40 kB, where the compiled schemas of the package are megabytes.
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '../..');
const packages = path.join(root, 'node_modules');

/** What a mesh, and what people write beside it, is made of. */
const KINDS = {
  'apps/v1': ['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet'],
  'autoscaling/v2': ['HorizontalPodAutoscaler'],
  'batch/v1': ['Job', 'CronJob'],
  'networking.k8s.io/v1': ['Ingress', 'NetworkPolicy'],
  'policy/v1': ['PodDisruptionBudget'],
  'rbac.authorization.k8s.io/v1': ['Role', 'RoleBinding', 'ClusterRole', 'ClusterRoleBinding'],
  v1: ['ConfigMap', 'Namespace', 'PersistentVolumeClaim', 'Pod', 'Secret', 'Service', 'ServiceAccount'],
};

/** File of a type → its name in the table. */
const known = new Map();
const types = {};

/** Type of TypeScript → one word: `s`, `i`, `b`, a type of the table, `[` before a list and `{` before a map. */
function wordOf(type, imports) {
  const trimmed = type.trim();
  const list = /^Array<(.*)>$/s.exec(trimmed);
  if (list !== null) return `[${wordOf(list[1], imports)}`;
  const map = /^\{\s*\[key: string\]: (.*?);?\s*\}$/s.exec(trimmed);
  if (map !== null) return `{${wordOf(map[1], imports)}`;
  if (/^"/.test(trimmed)) return `=${[...trimmed.matchAll(/"([^"]*)"/g)].map(([, text]) => text).join('|')}`;
  const words = { string: 's', number: 'n', boolean: 'b' };
  if (trimmed in words) return words[trimmed];
  const file = imports.get(trimmed);
  if (file === undefined) return '*';
  if (file.endsWith('/api/resource/Quantity.d.ts')) return 'q';
  if (file.endsWith('/util/intstr/IntOrString.d.ts')) return 'sn';
  if (/\/(?:Time|MicroTime)\.d\.ts$/.test(file)) return 's';
  // What a server writes and nobody applies.
  return known.get(file) ?? file;
}

const queue = [];

async function addType(file) {
  if (known.has(file)) return;
  const name = path.basename(file, '.d.ts');
  known.set(file, [...known.values()].includes(name) ? `${name}${known.size}` : name);
  queue.push(file);
}

async function readType(file) {
  const text = await readFile(file, 'utf8');
  const imports = new Map();
  for (const [, names, from] of text.matchAll(/import \{ ([^}]*) \} from "([^"]+)";/g)) {
    for (const imported of names.split(',')) {
      const target = from.startsWith('.')
        ? path.join(path.dirname(file), from.replace(/\.js$/, '.d.ts'))
        : path.join(packages, `${from}.d.ts`);
      imports.set(imported.trim(), target);
    }
  }
  // A type that refers to itself does so by the name of its interface.
  for (const [, own, alias] of text.matchAll(/(I\w+) as (I\w+)/g)) {
    imports.set(own, file);
    imports.set(alias, file);
  }
  const body = /export interface I\w+ (?:extends [^{]*)?\{\n(.*?)\n\}/s.exec(text)?.[1] ?? '';
  const plain = body.replace(/\/\*\*.*?\*\//gs, '');
  return { plain, imports };
}

async function convert(file) {
  const { plain, imports } = await readType(file);
  const fields = {};
  for (const [, field, optional, type] of plain.matchAll(
    /^ {4}"([^"]+)"(\??): ((?:Array<)?\{\n.*?\n {4}\}>?|[^\n]*?);$/gms,
  )) {
    if (field === 'status' || field === 'managedFields') continue;
    const inner = /(I[A-Z]\w+)/.exec(type)?.[1];
    const target = inner === undefined ? undefined : imports.get(inner);
    if (target !== undefined && !/Quantity|IntOrString|MicroTime|\/Time\.d/.test(target)) await addType(target);
    fields[field] = `${wordOf(type, imports)}${optional === '' ? '!' : ''}`;
  }
  types[known.get(file)] = fields;
}

// Written out in the types; the only place of its kind.
const INLINE = {
  StatefulSetSpec: { volumeClaimTemplates: '[ClaimTemplate' },
};
const OWN = {
  ClaimTemplate: { apiVersion: 's', kind: 's', metadata: 'ObjectMeta!', spec: 'PersistentVolumeClaimSpec!' },
};

const kinds = {};
for (const [apiVersion, names] of Object.entries(KINDS)) {
  for (const kind of names) {
    const file = path.join(packages, 'kubernetes-models', apiVersion, `${kind}.d.ts`);
    await addType(file);
    kinds[`${apiVersion} ${kind}`] = known.get(file);
  }
}
for (let file = queue.shift(); file !== undefined; file = queue.shift()) await convert(file);
for (const [type, fields] of Object.entries(INLINE)) Object.assign(types[type], fields);
Object.assign(types, OWN);
const target = path.join(root, 'src/audit/schema/kubernetes-fields.json');
await writeFile(target, `${JSON.stringify({ kinds, types })}\n`);
