import { topologicalOrder } from '../../../src/graph/topology.ts';
import { needsOf } from '../../../src/mesh/check-model.ts';
import type { Mesh } from '../../../src/mesh/mesh.ts';
import type { Applied, NodeSpec } from '../../../src/plan/applied.ts';
import { type SpecInputs, specOf } from '../../../src/plan/node-spec.ts';
import type { Instance, Observed } from '../../../src/plan/observed.ts';
import type { Plan } from '../../../src/plan/plan.ts';
import { planUp, type UpInputs } from '../../../src/plan/plan-up.ts';

export const SPEC_INPUTS: SpecInputs = {
  placement: 'container',
  secretDigest: (name) => `digest of ${name}`,
  variableDigest: () => undefined,
};

export function specsOf(mesh: Mesh, inputs: SpecInputs = SPEC_INPUTS): Map<string, NodeSpec> {
  return new Map(mesh.nodes.map((node) => [node.name, specOf(mesh, node, inputs)]));
}

/** The world after a run that brought everything up, and what that run has kept of it. */
export interface World {
  readonly observed: Observed;
  readonly applied: Applied;
}

export const NOTHING: World = { observed: { instances: [], images: {} }, applied: { v: 1, nodes: {} } };

/** Jobs have completed, the others run; `change` makes of each instance what the test is about. */
export function upWorld(
  mesh: Mesh,
  change: (instance: Instance) => Instance | undefined = (instance) => instance,
  specs = specsOf(mesh),
): World {
  const instances = mesh.nodes.flatMap((node) =>
    Array.from({ length: node.replicas }, (_, index) =>
      instanceOf({
        node: node.name,
        replica: index + 1,
        imageId: `id of ${node.image}`,
        ...(node.job && ({ state: 'exited', exitCode: 0 } as const)),
      }),
    ),
  );
  const nodes = mesh.nodes.map((node) => {
    const ids = instances.filter((instance) => instance.node === node.name).map(({ id }) => id);
    return [node.name, { ids, spec: specs.get(node.name) ?? {} }] as const;
  });
  return {
    observed: { instances: instances.flatMap((instance) => change(instance) ?? []), images: imagesOf(mesh) },
    applied: { v: 1, nodes: Object.fromEntries(nodes) },
  };
}

/** All images of the mesh, on this machine. */
export function imagesOf(mesh: Mesh): Record<string, string> {
  return Object.fromEntries(mesh.nodes.map((node) => [node.image, `id of ${node.image}`]));
}

export function instanceOf(fields: Partial<Instance> & { readonly node: string }): Instance {
  const replica = fields.replica ?? 1;
  return {
    replica,
    id: `${fields.node}-${replica}`,
    name: `shop-${fields.node}-${replica}`,
    state: 'running',
    imageId: `id of ${fields.node}:dev`,
    ports: [],
    ...fields,
  };
}

/** The plan that brings all nodes up, unless the fields say otherwise. */
export function planWith(mesh: Mesh, world: World, fields: Partial<UpInputs> = {}): Plan {
  return planUp({
    mesh,
    wanted: topologicalOrder(needsOf(mesh.nodes)),
    specs: specsOf(mesh),
    build: 'missing',
    ...world,
    ...fields,
  });
}
