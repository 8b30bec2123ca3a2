import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Location } from '../diagnostics/location.ts';
import type { HostPort } from './mesh.ts';

/** What one endpoint asks for on the host. */
export interface PortWish {
  readonly node: string;
  readonly endpoint: string;
  readonly transport: 'tcp' | 'udp';
  readonly wish:
    | { readonly kind: 'none' }
    | { readonly kind: 'auto' }
    /** The first port of the list that nobody else has. One port: that one or an error. */
    | { readonly kind: 'ports'; readonly ports: readonly number[] };
  readonly at: Location;
}

/** `node.endpoint` → the port that `--remap-ports` took on this machine. */
export type PortRemaps = Readonly<Record<string, number>>;

interface Holder {
  readonly wish: PortWish;
  readonly port: number;
}

/**
 * Gives every endpoint its host port. Those that accept one port only come first, then the lists in the order of the
 * manifest, so that the outcome does not depend on where in the file a list stands.
 */
export function planHostPorts(
  wishes: readonly PortWish[],
  remaps: PortRemaps,
): { readonly ports: ReadonlyMap<string, HostPort>; readonly diagnostics: readonly Diagnostic[] } {
  const ports = new Map<string, HostPort>();
  const taken = new Map<string, Holder>();
  const diagnostics: Diagnostic[] = [];
  const claim = (wish: PortWish, port: number, host: HostPort) => {
    taken.set(`${wish.transport}/${port}`, { wish, port });
    ports.set(portKey(wish.node, wish.endpoint), host);
  };
  for (const wish of [...wishes].sort((a, b) => flexibility(a) - flexibility(b))) {
    if (wish.wish.kind !== 'ports') {
      ports.set(portKey(wish.node, wish.endpoint), { kind: wish.wish.kind });
      continue;
    }
    const remapped = remaps[portKey(wish.node, wish.endpoint)];
    const [first] = wish.wish.ports;
    if (
      remapped !== undefined &&
      first !== undefined &&
      remapped !== first &&
      !taken.has(`${wish.transport}/${remapped}`)
    ) {
      claim(wish, remapped, {
        kind: 'fixed',
        port: remapped,
        insteadOf: first,
        because: `${first} was taken on this machine`,
      });
      continue;
    }
    const free = wish.wish.ports.find((port) => !taken.has(`${wish.transport}/${port}`));
    if (free === undefined) diagnostics.push(describeConflict(wish, taken));
    else claim(wish, free, decision(wish, free, taken));
  }
  return { ports, diagnostics };
}

export function portKey(node: string, endpoint: string): string {
  return `${node}.${endpoint}`;
}

function flexibility(wish: PortWish): number {
  return wish.wish.kind === 'ports' ? wish.wish.ports.length : Number.POSITIVE_INFINITY;
}

function decision(wish: PortWish, port: number, taken: ReadonlyMap<string, Holder>): HostPort {
  const first = wish.wish.kind === 'ports' ? wish.wish.ports[0] : undefined;
  if (first === undefined || first === port) return { kind: 'fixed', port };
  const holder = taken.get(`${wish.transport}/${first}`);
  return { kind: 'fixed', port, insteadOf: first, because: `${first} is ${holder?.wish.node ?? 'another node'}'s` };
}

function describeConflict(wish: PortWish, taken: ReadonlyMap<string, Holder>): Diagnostic {
  const wanted = wish.wish.kind === 'ports' ? [...new Set(wish.wish.ports)] : [];
  const holders = wanted.flatMap((port) => taken.get(`${wish.transport}/${port}`) ?? []);
  const own = portKey(wish.node, wish.endpoint);
  const other = holders[0]?.wish;
  const next = nextFree(wanted.at(-1) ?? 0, wish.transport, taken);
  const both = `${own} and ${other === undefined ? 'another' : portKey(other.node, other.endpoint)} both want host port ${wanted[0]}`;
  return {
    code: 'MESH1401',
    severity: 'error',
    message: wanted.length === 1 ? both : `${own}: others have every host port that it asks for: ${wanted.join(', ')}`,
    location: wish.at,
    hint: `give one of them another port, such as \`host: ${next}\`, or let it choose: \`host: [${[...wanted, next].join(', ')}]\``,
    related: holders.map((holder) => ({
      message: `${portKey(holder.wish.node, holder.wish.endpoint)} has ${holder.port}`,
      location: holder.wish.at,
    })),
  };
}

const LAST_PORT = 65_535;
const FIRST_UNPRIVILEGED_PORT = 1024;

function nextFree(from: number, transport: PortWish['transport'], taken: ReadonlyMap<string, Holder>): number {
  let port = from;
  do port = port >= LAST_PORT ? FIRST_UNPRIVILEGED_PORT : port + 1;
  while (taken.has(`${transport}/${port}`));
  return port;
}
