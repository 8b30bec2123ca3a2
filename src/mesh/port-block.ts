import type { PortRemaps } from './host-ports.ts';
import type { HostPort, MeshInstance } from './mesh.ts';

/** Far enough apart that the ports of one mesh, which are mostly neighbours, do not meet those of the next. */
const STEP = 100;
const LAST_PORT = 65_535;
const FIRST_UNPRIVILEGED_PORT = 1024;

export interface PortBlockWish {
  /** The fixed host ports of the manifest, as the main instance has them. */
  readonly preferred: readonly number[];
  /** The ports of every other mesh on this machine. */
  readonly taken: readonly number[];
  /** What this instance had before; kept as long as it fits. */
  readonly before?: number | undefined;
}

/**
 * By how much the ports of an instance are above those of the manifest: the smallest multiple of 100 with which none of
 * them is another mesh's, the main instance's, privileged, or no port at all. Nothing when there is no such number.
 */
export function choosePortOffset({ preferred, taken, before }: PortBlockWish): number | undefined {
  // The main instance need not be up yet; its ports are its own all the same.
  const others = new Set([...taken, ...preferred]);
  const fits = (offset: number) =>
    preferred.every((port) => {
      const own = port + offset;
      return own >= FIRST_UNPRIVILEGED_PORT && own <= LAST_PORT && !others.has(own);
    });
  if (before !== undefined && before > 0 && fits(before)) return before;
  for (let offset = STEP; offset < LAST_PORT; offset += STEP) if (fits(offset)) return offset;
  return undefined;
}

/** The ports of an instance, as remaps of what the manifest gives the main one. */
export function portBlockRemaps(ports: ReadonlyMap<string, HostPort>, instance: MeshInstance | undefined): PortRemaps {
  if (instance === undefined) return {};
  const { name, offset } = instance;
  return Object.fromEntries(
    [...ports].flatMap(([key, host]) =>
      host.kind === 'fixed'
        ? [[key, { port: host.port + offset, because: `instance ${name}: ${host.port} + ${offset}` }] as const]
        : [],
    ),
  );
}
