import type { Forward } from '../engine/process/forward.ts';
import { LOOPBACK } from '../engine/process/host-text.ts';
import type { Mesh } from '../mesh/mesh.ts';
import { HOST_ALIAS } from '../mesh/placement.ts';

/**
 * The ways from the containers of a mesh to its services on the host: none where the engine itself leads them there. UDP
 * is not led on.
 */
export function forwardsTo(mesh: Mesh, allow: readonly string[]): Forward[] {
  return mesh.nodes.flatMap(({ endpoints, onHost }) =>
    endpoints.flatMap(({ name, protocol, host }): Forward[] => {
      const port = onHost?.reachPorts[name];
      if (
        onHost === undefined ||
        port === undefined ||
        onHost.address === HOST_ALIAS ||
        protocol === 'udp' ||
        host.kind !== 'fixed'
      )
        return [];
      return [{ listen: { host: onHost.address, port }, to: { host: LOOPBACK, port: host.port }, allow }];
    }),
  );
}
