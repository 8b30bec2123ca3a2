import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { MeshError } from '../../diagnostics/mesh-error.ts';
import type { Mesh, MeshNode } from '../../mesh/mesh.ts';
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
  const embedded = mesh.nodes.some((node) => hostOf(node) === postgres) ? available.embeddedPostgres : undefined;
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
  // Nothing new is nothing to write: on a full disk a service can still be started again.
  if (!isDeepStrictEqual(ports, kept)) writeJson(paths.ports, ports);
  return ports;
}

function readPorts(file: string): HostPorts {
  const value = readJson(file);
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, number] => typeof entry[1] === 'number'),
  );
}

/**
 * The words are Docker's, which is what callers look for with every engine.
 *
 * @throws MeshError MESH2006 when something else has a port that the instance needs
 */
export async function requireFreePorts(spec: ProcessSpec, records: readonly ProcessRecord[]): Promise<void> {
  const others = records.filter((record) => record.process !== undefined && record.spec.id !== spec.id);
  for (const { hostPort, protocol } of spec.ports.filter((port) => port.protocol === 'tcp')) {
    // One that has just been started does not listen yet, and has its port all the same.
    const isAllotted = others.some((other) =>
      other.spec.ports.some((port) => port.hostPort === hostPort && port.protocol === protocol),
    );
    if (isAllotted) throw portTaken(`Bind for ${LOOPBACK}:${hostPort} failed: port is already allocated`, spec);
    if (!(await portIsFree(hostPort)))
      throw portTaken(`listen tcp ${LOOPBACK}:${hostPort}: bind: address already in use`, spec);
  }
}

function portTaken(words: string, { node }: ProcessSpec): MeshError {
  const hint = 'stop the holder, or give the endpoint another `host` port';
  return new MeshError(`${node}: ${words}`, { code: 'MESH2006', hint });
}
