/** Something that needs a port of this machine. */
export interface PortNeed {
  readonly key: string;
  readonly node: string;
  /** The port that the manifest asks for; any free one when missing. */
  readonly fixed?: number | undefined;
}

export interface AllotScope {
  /** What was allotted before. */
  readonly kept: Readonly<Record<string, number>>;
  /** Whether the port is the need's already, in use or not; it is then not asked whether it is free. */
  readonly holds: (need: PortNeed, port: number) => boolean;
  readonly isFree: (port: number) => Promise<boolean>;
  /** Where the search begins; projects that begin at different places do not meet. */
  readonly seed: number;
}

/** Below what systems give to outgoing connections, so that a kept port is not lost to one of these. */
const FIRST_PORT = 20_000;
const PORT_COUNT = 12_000;

/** Gives every need its port: the fixed one, the one that it had before, or a free one. */
export async function allotPorts(
  needs: readonly PortNeed[],
  scope: AllotScope,
): Promise<Readonly<Record<string, number>>> {
  const ports: Record<string, number> = {};
  const taken = new Set(needs.flatMap((need) => need.fixed ?? []));
  let offset = scope.seed % PORT_COUNT;
  const nextFree = async (): Promise<number> => {
    for (let tries = 0; tries < PORT_COUNT; tries++) {
      const port = FIRST_PORT + (offset++ % PORT_COUNT);
      if (!taken.has(port) && (await scope.isFree(port))) return port;
    }
    throw new Error('no port is free');
  };
  for (const need of needs) {
    const kept = scope.kept[need.key];
    const usable = kept !== undefined && !taken.has(kept) && (scope.holds(need, kept) || (await scope.isFree(kept)));
    const port = need.fixed ?? (usable ? kept : await nextFree());
    ports[need.key] = port;
    taken.add(port);
  }
  return ports;
}
