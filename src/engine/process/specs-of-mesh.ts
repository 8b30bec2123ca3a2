import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { MeshError } from '../../diagnostics/mesh-error.ts';
import type { Mesh, MeshNode } from '../../mesh/mesh.ts';
import { hostNodesOf } from '../../mesh/placement.ts';
import { allotPorts, type HostPorts, portNeeds } from './host-ports.ts';
import { LOOPBACK } from './host-text.ts';
import { makeUsable } from './hosts/embedded-postgres.ts';
import type { Available } from './hosts/host.ts';
import { hostOf } from './hosts/host-of.ts';
import { postgres } from './hosts/postgres.ts';
import { portIsFree } from './port-is-free.ts';
import type { ProcessRecord, ProcessSpec } from './process-spec.ts';
import { processSpecOf, type SpecIdentity, type SpecScope } from './process-spec-of.ts';
import type { ProjectPaths } from './state/project-paths.ts';
import { readJson, writeJson } from './state/state-file.ts';

export interface SpecMaker {
  /** @throws MeshError MESH2020 when a node cannot run as a host process */
  readonly specOf: (node: MeshNode, identity: SpecIdentity) => ProcessSpec;
}

export type SpecMakerOptions = Omit<SpecScope, 'ports' | 'available' | 'mesh'> & {
  readonly mesh: Mesh;
  readonly available: Available;
  readonly records: readonly ProcessRecord[];
};

/** Allots what is not allotted yet, makes servers usable, and so has all that specs are made from. */
export async function createSpecMaker(options: SpecMakerOptions): Promise<SpecMaker> {
  const { mesh, paths, available, isRoot, records } = options;
  const ports = await keptOrAllotted(mesh, paths, records);
  // Beside containers, only what was moved to the host runs here.
  const isHere = (node: MeshNode) => hostNodesOf(mesh).length === 0 || node.onHost !== undefined;
  const embedded = mesh.nodes.some((node) => isHere(node) && hostOf(node) === postgres)
    ? available.embeddedPostgres
    : undefined;
  const embeddedPostgres = embedded === undefined ? undefined : makeUsable(embedded, { paths, isRoot });
  const scope: SpecScope = { ...options, ports, available: { ...available, embeddedPostgres } };
  return { specOf: (node, identity) => processSpecOf(node, identity, scope) };
}

async function keptOrAllotted(mesh: Mesh, paths: ProjectPaths, records: readonly ProcessRecord[]): Promise<HostPorts> {
  const kept = readPorts(paths.ports);
  const runs = new Set(records.flatMap((record) => (record.process === undefined ? [] : record.spec.node)));
  const allotted = await allotPorts(portNeeds(mesh), {
    kept,
    runs: (node) => runs.has(node),
    isFree: portIsFree,
    seed: createHash('sha256').update(paths.folder).digest().readUInt16BE(0),
  });
  // Those of nodes that are not in this mesh, such as another profile's, are kept too.
  const ports = { ...kept, ...allotted };
  // Who only asks leaves no trace.
  if (existsSync(paths.folder)) writeJson(paths.ports, ports);
  return ports;
}

function readPorts(file: string): HostPorts {
  const value = readJson(file);
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, number] => typeof entry[1] === 'number'),
  );
}

/** @throws MeshError MESH2003 when something else listens on a port that the instance needs */
export async function requireFreePorts(spec: ProcessSpec): Promise<void> {
  for (const { hostPort, protocol } of spec.ports) {
    if (protocol === 'udp' || (await portIsFree(hostPort))) continue;
    // The system's own words, which is what callers look for with every engine.
    throw new MeshError(`${spec.node}: listen tcp ${LOOPBACK}:${hostPort}: bind: address already in use`, {
      code: 'MESH2003',
      hint: 'stop the holder, or give the endpoint another `host` port',
    });
  }
}
