const BINARY: Readonly<Record<string, number>> = { Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40 };
const DECIMAL: Readonly<Record<string, number>> = { k: 1e3, M: 1e6, G: 1e9, T: 1e12 };
/** The units of Compose have names of powers of 1000 and are powers of 1024. */
const COMPOSE: Readonly<Record<string, number>> = { k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 };

/** `0.5`, `500m` → `500m`: one way to write each amount, so that equal ones are equal texts. */
export function canonicalCpu(text: string): string {
  const cores = text.endsWith('m') ? Number(text.slice(0, -1)) / 1000 : Number(text);
  return Number.isFinite(cores) ? `${Math.round(cores * 1000)}m` : text;
}

/** `1Gi` → `1024Mi`, of Kubernetes' units. */
export function canonicalMemory(text: string): string {
  const match = /^(\d+(?:\.\d+)?)(Ki|Mi|Gi|Ti|k|M|G|T)?$/.exec(text);
  if (match === null) return text;
  const [, count, unit = ''] = match;
  return ofBytes(Number(count) * (BINARY[unit] ?? DECIMAL[unit] ?? 1));
}

/** `512M`, `512mb` → `512Mi`, of Compose's units. */
export function canonicalComposeMemory(text: string): string {
  const match = /^(\d+(?:\.\d+)?)([kmgt]?)i?b?$/i.exec(text);
  if (match === null) return text;
  const [, count, unit = ''] = match;
  return ofBytes(Number(count) * (COMPOSE[unit.toLowerCase()] ?? 1));
}

function ofBytes(bytes: number): string {
  for (const unit of ['Mi', 'Ki'] as const) {
    const size = BINARY[unit] ?? 1;
    if (bytes >= size && bytes % size === 0) return `${bytes / size}${unit}`;
  }
  return String(bytes);
}
