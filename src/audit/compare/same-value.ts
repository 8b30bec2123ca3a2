import type { FactPart, FactValue, KnownHost } from '../facts.ts';

type Address = Extract<FactPart, { kind: 'address' }>;

/**
 * Whether a target says what is expected. An expected address may be any name that leads to the node there, with the port
 * that leads to its endpoint; everything else has to be the same to the letter.
 */
export function sameValue(expected: FactValue, found: FactValue, hosts: readonly KnownHost[]): boolean {
  const text = flatten(found);
  if (expected.every((part) => part.kind !== 'address')) return flatten(expected) === text;
  const pattern = expected.map((part) =>
    part.kind === 'address' ? addressPattern(part, hosts) : literally(mark(part)),
  );
  return new RegExp(`^${pattern.join('')}$`, 's').test(text);
}

/** A value with every known name resolved, to hold two artefacts against each other. */
export function resolvedText(value: FactValue, hosts: readonly KnownHost[]): string {
  // Names of secrets and of what carries them differ from target to target by right.
  const text = value.map((part) => (part.kind === 'secret' ? '‹secret›' : mark(part))).join('');
  if (hosts.length === 0) return text;
  const longestFirst = [...hosts].sort((a, b) => b.host.length - a.host.length);
  const names = longestFirst.map(({ host }) => hostPattern(host)).join('|');
  const known = new RegExp(`(?<![\\w.-])(${names})(?::(\\d+))?(?![\\w.-]*[\\w-])`, 'g');
  return text.replace(known, (_whole, host: string, port: string | undefined) => {
    const found = longestFirst.find((candidate) => new RegExp(`^${hostPattern(candidate.host)}$`).test(host));
    const inside = port === undefined ? '' : `:${found?.ports?.get(Number(port)) ?? port}`;
    return `‹${found?.node}›${inside}`;
  });
}

function flatten(value: FactValue): string {
  return value.map(mark).join('');
}

/** No text can hold these two signs, so no text can look like a secret. */
function mark(part: FactPart): string {
  if (part.kind === 'text') return part.text;
  if (part.kind === 'address') return `\u0001${JSON.stringify(part)}\u0002`;
  return `\u0001${part.kind} ${part.name} ${part.fallback ?? ''}\u0002`;
}

const HTTP_PORT = 80;

function addressPattern(address: Address, hosts: readonly KnownHost[]): string {
  const places = hosts.filter(({ node }) => node === address.node).flatMap((host) => placesOf(host, address.port));
  // Nothing leads there: then nothing that is written can be right.
  if (places.length === 0) return '(?!)';
  const alternatives = places.map((place) => placePattern(address, place));
  return `(?:${[...new Set(alternatives)].join('|')})`;
}

interface NetworkPlace {
  readonly host: string;
  readonly port: number;
}

function placePattern({ form, scheme }: Address, { host, port }: NetworkPlace): string {
  const bracketed = host.includes(':') ? literally(`[${host}]`) : hostPattern(host);
  switch (form) {
    case 'host':
      return hostPattern(host);
    case 'port':
      return String(port);
    case 'address':
      return `${bracketed}:${port}`;
    case 'url':
      return `${scheme}://${bracketed}${port === HTTP_PORT && scheme === 'http' ? `(?::${port})?` : `:${port}`}`;
  }
}

/** A namespace that nobody says may be any. */
function hostPattern(host: string): string {
  return literally(host).replaceAll('\\*', '[a-z0-9][a-z0-9-]*');
}

function placesOf({ host, ports }: KnownHost, port: number): NetworkPlace[] {
  if (ports === undefined) return [{ host, port }];
  return [...ports].filter(([, inside]) => inside === port).map(([outside]) => ({ host, port: outside }));
}

function literally(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}
