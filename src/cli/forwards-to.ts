import type { Forward } from '../engine/process/forward.ts';
import { LOOPBACK } from '../engine/process/host-text.ts';
import type { Mesh } from '../mesh/mesh.ts';

/** The ways from the containers of a mesh to its services on the host. UDP is not led on. */
export function forwardsTo(mesh: Mesh, address: string, allow: readonly string[]): Forward[] {
  return mesh.nodes.flatMap(({ endpoints, onHost }) =>
    endpoints.flatMap(({ name, protocol, host }): Forward[] => {
      const port = onHost?.reachPorts[name];
      if (port === undefined || protocol === 'udp' || host.kind !== 'fixed') return [];
      return [{ listen: { host: address, port }, to: { host: LOOPBACK, port: host.port }, allow }];
    }),
  );
}
