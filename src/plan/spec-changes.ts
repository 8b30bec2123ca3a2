import type { Location } from '../diagnostics/location.ts';
import type { Mesh, MeshNode } from '../mesh/mesh.ts';
import type { NodeSpec } from './applied.ts';
import type { Cause } from './plan.ts';

/** Longer values are cut: a cause is one line. */
const MAX_VALUE = 40;

/** What differs between two specs of a node, in words and with places; `undefined` when nothing does. */
export function describeChanges(mesh: Mesh, node: MeshNode, before: NodeSpec, after: NodeSpec): Cause | undefined {
  const different = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (key) => before[key] !== after[key],
  );
  const keys = worthAWord(different);
  const [first] = keys;
  if (first === undefined) return undefined;
  const described = keys.map((key) => describeKey(key, before[key], after[key]));
  const shown = described.slice(0, 2).join(', ');
  const text = described.length > 2 ? `${shown} and ${described.length - 2} more changed` : `${shown}`;
  return { text, at: placeOfKey(mesh, node, first) };
}

/** A move changes all that a node reads, and what its callers have to know to find it. */
function worthAWord(different: readonly string[]): readonly string[] {
  if (different.includes('placement')) return ['placement'];
  const moved = different.filter((key) => key.startsWith('onHost.'));
  const others = different.filter((key) => !moved.includes(key) && (moved.length === 0 || key !== 'extra_hosts'));
  // An address that comes or goes with a setting is told by the setting.
  const told = others.filter((key) => !key.startsWith('addresses.'));
  return [...moved.sort(), ...(told.length > 0 || moved.length > 0 ? told : others).sort()];
}

const NAMES: Readonly<Record<string, string>> = {
  environment: 'env',
  'deploy.resources': 'resources',
  healthcheck: 'health',
};

function describeKey(key: string, before: string | undefined, after: string | undefined): string {
  const label = nameOf(key);
  if (key === 'placement') return after === undefined ? 'it goes back into a container' : 'it moves to the host';
  if (key.startsWith('onHost.')) return describeMove(key.slice('onHost.'.length), before, after);
  if (key.startsWith('addresses.'))
    return `the port of ${key.slice('addresses.'.length)} changed ${before ?? ''} → ${after ?? ''}`;
  if (key === 'reached') return `the address where others reach it changed ${before ?? ''} → ${after ?? ''}`;
  if (key.startsWith('secrets.')) return `secret ${key.slice('secrets.'.length)} changed`;
  if (key.startsWith('variables.')) return `${label} changed`;
  if (key.startsWith('files.')) return `${label} changed`;
  if (before === undefined) return `${label} added (${cut(after)})`;
  if (after === undefined) return `${label} removed`;
  return `${label} changed ${cut(before)} → ${cut(after)}`;
}

function describeMove(endpoint: string, before: string | undefined, after: string | undefined): string {
  const node = endpoint.split('.')[0] ?? endpoint;
  if (before === undefined) return `${node} is on the host now`;
  if (after === undefined) return `${node} is in a container again`;
  return `the way to ${endpoint} on the host changed, port ${before} → ${after}`;
}

function nameOf(key: string): string {
  for (const [from, to] of Object.entries(NAMES))
    if (key.startsWith(`${from}.`)) return `${to} ${key.slice(from.length + 1)}`;
  return key
    .replace(/^(files|variables)\./, '$1 ')
    .replace(/^variables /, 'variable ')
    .replace(/^files /, 'file ');
}

function cut(value: string | undefined): string {
  const text = value ?? '';
  return text.length > MAX_VALUE ? `${text.slice(0, MAX_VALUE - 1)}…` : text === '' ? '(empty)' : text;
}

const SECTIONS: readonly (readonly [prefix: string, manifestKey: string])[] = [
  ['environment.', 'env.'],
  ['files.', 'files.'],
  ['healthcheck', 'health'],
  ['deploy.resources', 'resources'],
  ['ports', 'endpoints'],
  ['run', 'run'],
  ['volumes', 'volumes'],
];

function placeOfKey(mesh: Mesh, node: MeshNode, key: string): Location | undefined {
  const root = `${node.kind === 'service' ? 'services' : 'infrastructure'}.${node.name}`;
  if (key.startsWith('secrets.'))
    return mesh.secrets.find((secret) => secret.name === key.slice('secrets.'.length))?.at;
  for (const [prefix, manifestKey] of SECTIONS) {
    if (!key.startsWith(prefix)) continue;
    const found =
      mesh.places[`${root}.${manifestKey}${key.slice(prefix.length)}`] ??
      mesh.places[`${root}.${manifestKey.replace(/\.$/, '')}`];
    return found ?? node.at;
  }
  return mesh.places[`${root}.${key}`] ?? node.at;
}
