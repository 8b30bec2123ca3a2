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

/** `node.endpoint` → another port than the manifest asks for: that of an instance, or what `--remap-ports` took. */
export type PortRemaps = Readonly<Record<string, PortRemap>>;

export interface PortRemap {
  readonly port: number;
  /** Missing when the port that was asked for was taken on this machine. */
  readonly because?: string | undefined;
}

interface Holder {
  readonly wish: PortWish;
  readonly port: number;
}

/**
 * Gives every endpoint its host port. Those that accept one port only come first, then the lists in the order of the
 * manifest, so that the outcome does not depend on where in the file a list stands. What was remapped comes last: a
 * remap of some earlier day gives way to what the manifest says now.
 */
export function planHostPorts(
  wishes: readonly PortWish[],
  remaps: PortRemaps,
): { readonly ports: ReadonlyMap<string, HostPort>; readonly diagnostics: readonly Diagnostic[] } {
  const ports = new Map<string, HostPort>();
  const taken = new Map<string, Holder>();
  const diagnostics: Diagnostic[] = [];
  const remapped = new Map(wishes.map((wish) => [wish, remapOf(wish, remaps)]));
  const heldByOthers = new Set(
    wishes.flatMap((wish) => (remapped.get(wish) === undefined ? [] : slot(wish, firstOf(wish)))),
  );
  const isFree = (wish: PortWish, port: number) => !taken.has(slot(wish, port));
  const rank = (wish: PortWish) => Number(remapped.get(wish) !== undefined);
  for (const wish of [...wishes].sort((a, b) => rank(a) - rank(b) || flexibility(a) - flexibility(b))) {
    if (wish.wish.kind !== 'ports') {
      ports.set(portKey(wish.node, wish.endpoint), { kind: wish.wish.kind });
      continue;
    }
    const remap = remapped.get(wish);
    const free = wish.wish.ports.filter((port) => isFree(wish, port));
    const port =
      remap !== undefined && isFree(wish, remap.port)
        ? remap.port
        : (free.find((one) => !heldByOthers.has(slot(wish, one))) ?? free[0]);
    if (port === undefined) {
      diagnostics.push(describeConflict(wish, taken));
      continue;
    }
    ports.set(portKey(wish.node, wish.endpoint), decision(wish, port, { taken, remap }));
    taken.set(slot(wish, port), { wish, port });
  }
  return { ports, diagnostics };
}

function remapOf(wish: PortWish, remaps: PortRemaps): PortRemap | undefined {
  const remap = remaps[portKey(wish.node, wish.endpoint)];
  return wish.wish.kind === 'ports' && remap?.port !== firstOf(wish) ? remap : undefined;
}

function firstOf(wish: PortWish): number | undefined {
  return wish.wish.kind === 'ports' ? wish.wish.ports[0] : undefined;
}

function slot(wish: PortWish, port: number | undefined): string {
  return `${wish.transport}/${port}`;
}

export function portKey(node: string, endpoint: string): string {
  return `${node}.${endpoint}`;
}

function flexibility(wish: PortWish): number {
  return wish.wish.kind === 'ports' ? wish.wish.ports.length : Number.POSITIVE_INFINITY;
}

interface DecisionReasons {
  readonly taken: ReadonlyMap<string, Holder>;
  readonly remap: PortRemap | undefined;
}

function decision(wish: PortWish, port: number, { taken, remap }: DecisionReasons): HostPort {
  const first = firstOf(wish);
  if (first === undefined || first === port) return { kind: 'fixed', port };
  if (remap?.port === port && remap.because !== undefined) return { kind: 'fixed', port, because: remap.because };
  const holder = taken.get(slot(wish, first));
  const because =
    holder === undefined
      ? `${first} was taken on this machine (to forget it, delete .mesh/ports-*.json)`
      : `${first} is ${holder.wish.node}'s`;
  return { kind: 'fixed', port, insteadOf: first, because, ...(holder === undefined ? { onlyHere: true } : {}) };
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
