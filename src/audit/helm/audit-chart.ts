import type { Source } from '../../diagnostics/location.ts';
import type { Mesh } from '../../mesh/mesh.ts';
import type { Chart } from '../../render/helm/chart.ts';
import { auditKubernetes } from '../audit-target.ts';
import { expectEdges } from '../expect/expect-edges.ts';
import { asProduction, type ChartEnvironment, helmStyle } from '../expect/helm-style.ts';
import { type Audit, joinAudits } from '../finding.ts';
import { nameWorkloads } from '../kubernetes/name-workloads.ts';
import { readObjects, workloadsOf } from '../kubernetes/objects.ts';
import { readKubernetes } from '../kubernetes/read-kubernetes.ts';
import { checkSchema } from '../schema/check-schema.ts';
import { checkStructure } from '../structure/check-structure.ts';
import { type StandIns, withoutStandIns } from './stand-ins.ts';

export interface RenderedChart {
  readonly chart: Chart;
  readonly environment: ChartEnvironment;
  /** The model of that environment; that of development where the manifest declares no production. */
  readonly mesh: Mesh;
  /** What Helm rendered with the values of the environment. */
  readonly sources: readonly Source[];
  readonly standIns: StandIns;
}

/**
 * Holds a release of a chart against the model of its environment.
 *
 * @throws InvalidInput when it is no YAML
 */
export function auditChart({ chart, environment, mesh, sources, standIns }: RenderedChart): Audit {
  const model = environment === 'prod' && !chart.hasProd ? asProduction(mesh) : mesh;
  return auditKubernetes(model, readObjects(sources), {
    target: `helm ${environment}`,
    style: helmStyle(model, chart, environment),
    decode: (text) => withoutStandIns(text, standIns.parts),
  });
}

/** A chart with all that can be switched on: there is no model of that, but it has to hold together. */
export function auditSwitchedOn(target: string, mesh: Mesh, sources: readonly Source[]): Audit {
  const objects = readObjects(sources);
  const nodes = mesh.nodes.map(({ name }) => name);
  const { hosts } = readKubernetes(objects, { target, nodes });
  const workloads = nameWorkloads(workloadsOf(objects), nodes);
  const input = { target, objects, workloads, hosts, edges: expectEdges(mesh) };
  return joinAudits([checkStructure(input), checkSchema(input)]);
}
