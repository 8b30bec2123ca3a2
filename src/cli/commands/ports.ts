import { formatLocation } from '../../diagnostics/location.ts';
import { hostPortOf } from '../../execute/node-addresses.ts';
import type { Endpoint, Mesh, MeshNode } from '../../mesh/mesh.ts';
import type { Instance } from '../../plan/observed.ts';
import { type PortRow, renderPortsTable } from '../../report/ports-table.ts';
import { columnsOf, stylesFor } from '../display.ts';
import type { Io } from '../io.ts';
import { openEngine } from '../open-engine.ts';
import { type MeshOptions, openProject, type Project } from '../project.ts';

export interface PortsOptions extends MeshOptions {
  readonly json?: boolean;
}

/** Works without an engine, too: what it would have chosen itself is then not known. */
export async function ports(options: PortsOptions, io: Io): Promise<number> {
  const project = await openProject(options, io);
  const instances = await instancesIfAny(project, io);
  const rows = project.mesh.nodes.flatMap((node) =>
    node.endpoints.map((endpoint) => rowOf(project, node, endpoint, instances)),
  );
  const sorted = rows.sort((a, b) => (a.hostPort ?? Number.MAX_VALUE) - (b.hostPort ?? Number.MAX_VALUE));
  if (options.json === true) io.stdout.write(`${JSON.stringify(reportOf(project.mesh, sorted))}\n`);
  else io.stdout.write(renderPortsTable(sorted, stylesFor(io.stdout, io), columnsOf(io.stdout)));
  return 0;
}

function reportOf({ name, instance }: Mesh, ports: readonly PortRow[]) {
  return { v: 1, mesh: name, ...(instance === undefined ? {} : { instance: instance.name }), ports };
}

async function instancesIfAny(project: Project, io: Io): Promise<readonly Instance[]> {
  try {
    const { engine } = await openEngine(project, io);
    return (await engine.observe(project.mesh.project, [])).instances;
  } catch {
    return [];
  }
}

function rowOf(project: Project, node: MeshNode, endpoint: Endpoint, instances: readonly Instance[]): PortRow {
  const instance = instances.find((candidate) => candidate.node === node.name && candidate.replica === 1);
  const section = node.kind === 'service' ? 'services' : 'infrastructure';
  const at = project.mesh.places[`${section}.${node.name}.endpoints.${endpoint.name}.host`] ?? endpoint.at;
  const hostPort = hostPortOf(node, endpoint.name, instance);
  return {
    ...(hostPort === undefined ? {} : { hostPort }),
    node: node.name,
    endpoint: endpoint.name,
    containerPort: endpoint.port,
    protocol: endpoint.protocol,
    note: `${noteOf(node, endpoint, hostPort)}${node.profiles.length === 0 ? '' : ` (only with profile ${node.profiles.join(' or ')})`}`,
    location: formatLocation(at),
  };
}

function noteOf(node: MeshNode, { host, port }: Endpoint, hostPort: number | undefined): string {
  if (host.kind === 'none') return 'not published';
  if (host.kind === 'auto') {
    return hostPort === undefined ? 'the engine picks a free one at start' : 'picked by the engine at each start';
  }
  if (host.insteadOf !== undefined)
    return `remapped: the manifest asks for ${host.insteadOf} first, and ${host.because ?? 'it was taken'}`;
  if (host.because !== undefined) return host.because;
  const extra = node.replicas > 1 ? "; the other replicas get ports of the engine's choice" : '';
  return host.port === port ? `the same as in the container${extra}` : `as the manifest asks${extra}`;
}
