import type { Amounts, Resources } from '../../mesh/mesh.ts';

/** The `deploy.resources` of Compose. */
export interface ComposeResources {
  readonly limits?: ComposeAmounts;
  readonly reservations?: ComposeAmounts;
}

export interface ComposeAmounts {
  readonly cpus?: string;
  readonly memory?: string;
}

const BINARY: Readonly<Record<string, number>> = { Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40 };
const DECIMAL: Readonly<Record<string, number>> = { k: 1e3, M: 1e6, G: 1e9, T: 1e12 };

/** What Kubernetes calls requests, Compose calls reservations. `undefined` when nothing is bounded. */
export function composeResources(resources: Resources): ComposeResources | undefined {
  const limits = composeAmounts(resources.limits);
  const reservations = composeAmounts(resources.requests);
  if (limits === undefined && reservations === undefined) return undefined;
  return { ...(limits && { limits }), ...(reservations && { reservations }) };
}

function composeAmounts(amounts: Amounts): ComposeAmounts | undefined {
  if (amounts.cpu === undefined && amounts.memory === undefined) return undefined;
  return {
    ...(amounts.cpu !== undefined && { cpus: composeCpus(amounts.cpu) }),
    ...(amounts.memory !== undefined && { memory: composeMemory(amounts.memory) }),
  };
}

/** `500m` → `0.50`, `2` → `2.00`. */
export function composeCpus(cpu: string): string {
  const cores = cpu.endsWith('m') ? Number(cpu.slice(0, -1)) / 1000 : Number(cpu);
  if (!Number.isFinite(cores)) throw new Error(`${cpu} is no amount of cpu`);
  const text = cores.toFixed(2);
  return Number(text) === cores ? text : cores.toFixed(3);
}

/** `512Mi` → `512M`, `1Gi` → `1G`: the units of Compose are powers of 1024 under the names of powers of 1000. */
export function composeMemory(memory: string): string {
  const match = /^(\d+(?:\.\d+)?)(Ki|Mi|Gi|Ti|k|M|G|T)?$/.exec(memory);
  if (match === null) throw new Error(`${memory} is no amount of memory`);
  const [, count = '', unit = ''] = match;
  const bytes = Math.round(Number(count) * (BINARY[unit] ?? DECIMAL[unit] ?? 1));
  for (const [name, size] of [
    ['G', 2 ** 30],
    ['M', 2 ** 20],
    ['K', 2 ** 10],
  ] as const) {
    if (bytes >= size && bytes % size === 0) return `${bytes / size}${name}`;
  }
  return `${bytes}b`;
}
