import { type AllotScope, allotPorts, type PortNeed } from './allot-ports.ts';
import { portKey } from './host-ports.ts';
import type { Mesh } from './mesh.ts';
import { endpointsCalledBy, HOST_ALIAS, type Placement } from './placement.ts';

export interface PlacementRequest {
  /** The mesh with nothing on the host. */
  readonly mesh: Mesh;
  /** What is to be there, in the order of the mesh. */
  readonly local: readonly string[];
  readonly before: Placement;
  /** The address at which somebody has to listen for containers; none where the engine leads them to the host itself. */
  readonly bridge?: string | undefined;
}

export interface PlacementScope {
  /** Of the mesh's endpoints: whether the endpoint has this port now. */
  readonly publishes: (endpoint: string, port: number) => boolean;
  /** Whether this port leads from containers to the mesh now. */
  readonly forwards: (port: number) => boolean;
  readonly isFree: (port: number) => Promise<boolean>;
  readonly seed: number;
}

/**
 * A placement with a port for everything that needs one. What has one that it uses, or could use, keeps it, so that
 * addresses are the same from run to run; ports of what is neither on the host nor called from there are forgotten.
 */
export async function planPlacement(request: PlacementRequest, scope: PlacementScope): Promise<Placement> {
  const { local, before, bridge } = request;
  const endpoints = hostEndpoints(request);
  const hostNeeds = endpoints.map(({ node, key, fixed }): PortNeed => ({ node, key, fixed }));
  // A program on the host may listen on all addresses, so the way in for containers has a port of its own.
  const reached = bridge === undefined ? [] : endpoints.filter(({ node }) => local.includes(node));
  const hostPorts = await allotPorts(hostNeeds, {
    ...scope,
    kept: before.hostPorts,
    holds: ({ key }, port) => scope.publishes(key, port),
  });
  const others = new Set(Object.values(hostPorts));
  const reach: AllotScope = {
    seed: scope.seed,
    kept: before.reachPorts,
    holds: (_, port) => scope.forwards(port),
    isFree: async (port) => !others.has(port) && (await scope.isFree(port)),
  };
  const reachPorts = await allotPorts(
    reached.map(({ node, key }) => ({ node, key })),
    reach,
  );
  const given = endpoints.filter(({ fixed }) => fixed === undefined).map(({ key }) => [key, hostPorts[key]] as const);
  return {
    local,
    address: bridge ?? HOST_ALIAS,
    hostPorts: Object.fromEntries(given.filter((entry): entry is [string, number] => entry[1] !== undefined)),
    reachPorts,
  };
}

interface HostEndpoint {
  readonly node: string;
  readonly key: string;
  readonly fixed: number | undefined;
}

/** Those that have a port on this machine, or need one: of what is on the host, and of what that calls. */
function hostEndpoints({ mesh, local }: PlacementRequest): HostEndpoint[] {
  const hosted = new Set(local);
  const called = endpointsCalledBy(mesh, hosted);
  return mesh.nodes.flatMap((node) =>
    node.endpoints.flatMap(({ name, host }): HostEndpoint[] => {
      const key = portKey(node.name, name);
      if (host.kind === 'fixed') return [{ node: node.name, key, fixed: host.port }];
      return hosted.has(node.name) || called.has(key) ? [{ node: node.name, key, fixed: undefined }] : [];
    }),
  );
}
