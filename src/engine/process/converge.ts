import { randomBytes } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { type MeshNode, nodeOf } from '../../mesh/mesh.ts';
import type { ConvergeRequest } from '../engine.ts';
import type { Connection } from './client/connection.ts';
import { replicasOf } from './host-ports.ts';
import type { ProcessRecord, ProcessSpec } from './process-spec.ts';
import type { SpecMaker } from './specs-of-mesh.ts';

export interface ConvergeScope {
  readonly connection: Connection;
  readonly records: readonly ProcessRecord[];
  readonly specs: SpecMaker;
  readonly imageId: (node: MeshNode) => string;
}

/** Makes the instances of the asked nodes, without starting them; those that are as they should be stay as they are. */
export async function convergeInstances(
  request: ConvergeRequest,
  scope: ConvergeScope,
  signal: AbortSignal,
): Promise<void> {
  const { mesh } = request;
  const unwanted = request.remove.map((instance) => instance.id);
  const made: ProcessSpec[] = [];
  for (const node of request.nodes.map((name) => nodeOf(mesh, name))) {
    for (const replica of replicasOf(node)) {
      const known = scope.records.filter(({ spec }) => spec.node === node.name && spec.replica === replica);
      const id = `${mesh.project}.${randomBytes(6).toString('hex')}`;
      const spec = scope.specs.specOf(node, { id, replica, imageId: scope.imageId(node) });
      const kept = known.find((record) => isSame(record.spec, spec));
      unwanted.push(...known.filter((record) => record !== kept).map((record) => record.spec.id));
      if (kept === undefined) made.push(spec);
    }
  }
  signal.throwIfAborted();
  // First what can be refused: then nothing is lost.
  await scope.connection.ask('put', { specs: made });
  await Promise.all(unwanted.map((id) => scope.connection.ask('remove', { id })));
}

function isSame(one: ProcessSpec, other: ProcessSpec): boolean {
  // Through JSON, as the other one came: keys without a value are not there.
  const plain = (spec: ProcessSpec): unknown => JSON.parse(JSON.stringify({ ...spec, id: '' }));
  return isDeepStrictEqual(plain(one), plain(other));
}
