import { rmSync } from 'node:fs';
import { BlockList, isIPv4 } from 'node:net';
import { messageOf } from '../../../diagnostics/mesh-error.ts';
import type { Forward } from '../forward.ts';
import { readJson, writeJson } from '../state/state-file.ts';
import { type ForwardListener, isSameAddress, openForward, type Route } from './forward-listener.ts';

/** The forwards of one project. */
export interface Forwards {
  /** Those that are open. */
  readonly list: () => readonly Forward[];
  /**
   * Opens what is new and closes what is gone, with its connections. What is there already stays; its target and its
   * peers are changed in place. Rejects when one of them cannot be opened or remembered: then all is as it was.
   */
  set(wanted: readonly Forward[]): Promise<void>;
  /**
   * Opens what the last supervisor had; comes before all else. Gives the system's words for each that cannot be
   * opened; the others are.
   */
  reopen(): Promise<string[]>;
  /** Closes all, and leaves it to the next supervisor to open them again. */
  close(): void;
}

interface ForwardsFile {
  readonly v: 1;
  readonly forwards: readonly Forward[];
}

/** @param file what is open stands there, for the supervisor after this one */
export function createForwards(file: string): Forwards {
  let open = new Map<string, ForwardListener>();
  let last: Promise<unknown> = Promise.resolve();

  const apply = async (wanted: readonly Forward[]) => {
    const routes = routesOf(wanted);
    const fresh = await openAll([...routes].filter(([address]) => !open.has(address)));
    try {
      remember(file, wanted);
    } catch (error) {
      for (const listener of fresh.values()) listener.close();
      throw error;
    }
    for (const [address, listener] of open) {
      const route = routes.get(address);
      if (route === undefined) listener.close();
      else listener.change(route);
    }
    open = new Map([...open, ...fresh].filter(([address]) => routes.has(address)));
  };
  return {
    list: () => [...open.values()].map((listener) => listener.forward()),
    set(wanted) {
      // One after the other: each begins with what the one before it left.
      const applied = last.then(() => apply(wanted));
      last = applied.catch(() => {});
      return applied;
    },
    async reopen() {
      const refusals: string[] = [];
      for (const forward of readForwards(file)) {
        try {
          for (const [address, route] of routesOf([forward])) {
            open.set(address, await openForward(route));
          }
        } catch (error) {
          refusals.push(messageOf(error));
        }
      }
      return refusals;
    },
    close() {
      for (const listener of open.values()) listener.close();
      open = new Map();
    },
  };
}

function addressOf({ listen }: Forward): string {
  return `${listen.host}:${listen.port}`;
}

/** By the address that is listened on. */
function routesOf(forwards: readonly Forward[]): Map<string, Route> {
  const routes = new Map<string, Route>();
  for (const forward of forwards) {
    const { listen, to, allow } = forward;
    const address = addressOf(forward);
    // Of a name or of nothing the system would make an address of its own choice, the one for all networks included.
    if (!isIPv4(listen.host) || !isPort(listen.port)) throw new Error(`${address} is not an IPv4 address and a port`);
    if (!isPort(to.port)) throw new Error(`${address} would lead to ${to.port}, which is no port`);
    if (routes.has(address)) throw new Error(`${address} is to lead to two places`);
    // It would connect to itself until no descriptor is left.
    if (isSameAddress(listen, to)) throw new Error(`${address} would lead to itself`);
    routes.set(address, { forward, peers: peersIn(allow) });
  }
  return routes;
}

function isPort(port: number): boolean {
  return Number.isInteger(port) && port > 0 && port <= 65_535;
}

function peersIn(blocks: readonly string[]): BlockList {
  const peers = new BlockList();
  for (const block of blocks) {
    const [, network = '', bits] = /^([\d.]+)\/(\d{1,2})$/.exec(block) ?? [];
    if (!isIPv4(network) || Number(bits) > 32) throw new Error(`${block} is not a block of IPv4 addresses`);
    peers.addSubnet(network, Number(bits), 'ipv4');
  }
  return peers;
}

/** All or none. */
async function openAll(routes: readonly (readonly [string, Route])[]): Promise<Map<string, ForwardListener>> {
  const tries = await Promise.allSettled(
    routes.map(async ([address, route]) => [address, await openForward(route)] as const),
  );
  const opened = new Map(tries.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : [])));
  const failed = tries.find((one) => one.status === 'rejected');
  if (failed === undefined) return opened;
  for (const listener of opened.values()) listener.close();
  throw failed.reason;
}

function remember(file: string, forwards: readonly Forward[]): void {
  const text: ForwardsFile = { v: 1, forwards };
  // Also on a full disk they can be ended.
  if (forwards.length === 0) rmSync(file, { force: true });
  else writeJson(file, text);
}

/** What a project forwards, as its supervisor wrote it. What cannot be read counts as not there. */
export function readForwards(file: string): readonly Forward[] {
  const value = readJson(file);
  return isForwardsFile(value) ? value.forwards : [];
}

function isForwardsFile(value: unknown): value is ForwardsFile {
  return (
    typeof value === 'object' &&
    value !== null &&
    'v' in value &&
    value.v === 1 &&
    'forwards' in value &&
    Array.isArray(value.forwards)
  );
}
