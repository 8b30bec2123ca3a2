import { findFreePort } from '../machine/ports.ts';
import { type PortRemap, portKey } from '../mesh/host-ports.ts';
import { readPortRemaps, writePortRemaps } from '../workspace/port-remaps.ts';
import type { PortConflict } from './port-conflicts.ts';
import type { Project } from './project.ts';

/** Takes a free port for each held one and remembers it, so that addresses stay the same from run to run. */
export async function remapPorts(project: Project, conflicts: readonly PortConflict[]): Promise<void> {
  const { mesh, root } = project;
  const avoid = new Set(
    mesh.nodes.flatMap((node) => node.endpoints.flatMap(({ host }) => (host.kind === 'fixed' ? [host.port] : []))),
  );
  const remaps: Record<string, PortRemap> = { ...readPortRemaps(root, mesh.project) };
  for (const { node, endpoint } of conflicts) {
    const port = await findFreePort(avoid);
    avoid.add(port);
    remaps[portKey(node, endpoint)] = { port };
  }
  writePortRemaps(root, mesh.project, remaps);
}
