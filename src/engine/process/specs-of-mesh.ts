import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { MeshError } from '../../diagnostics/mesh-error.ts';
import { isPortFree } from '../../machine/ports.ts';
import { allotPorts } from '../../mesh/allot-ports.ts';
import type { Mesh, MeshNode } from '../../mesh/mesh.ts';
import { hostNodesOf } from '../../mesh/placement.ts';
import { type HostPorts, portNeeds } from './host-ports.ts';
import { LOOPBACK } from './host-text.ts';
import { makeUsable } from './hosts/embedded-postgres.ts';
import type { Available } from './hosts/host.ts';
import { hostOf } from './hosts/host-of.ts';
import { postgres } from './hosts/postgres.ts';
import type { ProcessRecord, ProcessSpec } from './process-spec.ts';
import { processSpecOf, type SpecIdentity, type SpecScope } from './process-spec-of.ts';
import { readJson, writeJson } from './state/state-file.ts';

export interface SpecMaker {
  /** @throws MeshError MESH2020 when a node cannot run as a host process */
  readonly specOf: (node: MeshNode, identity: SpecIdentity) => ProcessSpec;
}

export type SpecMakerOptions = Omit<SpecScope, 'ports' | 'available' | 'mesh'> & {
  readonly mesh: Mesh;
  readonly available: Available;
  readonly records: readonly ProcessRecord[];
  /** The nodes that may get another port than before, where somebody else took it meanwhile. */
  readonly anew: readonly string[];
  /** Whether what is allotted is written down, for everybody after this. */
  readonly keep: boolean;
};

/** Allots what is not allotted yet, makes servers usable, and so has all that specs are made from. */
export async function createSpecMaker(options: SpecMakerOptions): Promise<SpecMaker> {
  const { mesh, paths, available, isRoot } = options;
  const ports = await keptOrAllotted(options);
  // Beside containers, only what was moved to the host runs here.
  const isHere = (node: MeshNode) => hostNodesOf(mesh).length === 0 || node.onHost !== undefined;
  const embedded = mesh.nodes.some((node) => isHere(node) && hostOf(node) === postgres)
    ? available.embeddedPostgres
    : undefined;
  const embeddedPostgres = embedded === undefined ? undefined : makeUsable(embedded, { paths, isRoot });
  const scope: SpecScope = { ...options, ports, available: { ...available, embeddedPostgres } };
  return { specOf: (node, identity) => processSpecOf(node, identity, scope) };
}

async function keptOrAllotted({ mesh, paths, records, anew, keep }: SpecMakerOptions): Promise<HostPorts> {
  const kept = readPorts(paths.ports);
  const runs = new Set(records.flatMap((record) => (record.process === undefined ? [] : record.spec.node)));
  const allotted = await allotPorts(portNeeds(mesh), {
    kept,
    // Whether a port is free is found out by taking it: asked of nodes that start meanwhile, the answer would be no.
    holds: ({ node }) => runs.has(node) || !anew.includes(node),
    isFree: (port) => isPortFree(port),
    seed: createHash('sha256').update(paths.folder).digest().readUInt16BE(0),
  });
  // Those of nodes that are not in this mesh, such as another profile's, are kept too.
  const ports = { ...kept, ...allotted };
  // Who only asks leaves no trace, and nothing new is nothing to write: a full disk keeps no service from starting again.
  if (keep && !isDeepStrictEqual(ports, kept)) writeJson(paths.ports, ports);
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
    if (!(await isPortFree(hostPort)))
      throw portTaken(`listen tcp ${LOOPBACK}:${hostPort}: bind: address already in use`, spec);
  }
}

function portTaken(words: string, { node }: ProcessSpec): MeshError {
  const hint = 'stop the holder, or give the endpoint another `host` port';
  return new MeshError(`${node}: ${words}`, { code: 'MESH2006', hint });
}
