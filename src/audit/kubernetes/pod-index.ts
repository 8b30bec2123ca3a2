import { field, textsOf } from '../read-documents.ts';
import { type KubeObject, matchesLabels, ofKind, sameNamespace, type Workload } from './objects.ts';

type Labels = Readonly<Record<string, string>>;

/** Finds pods by their labels without looking at all of them: a thousand Services and workloads make a million pairs. */
export interface PodIndex {
  /** Workloads whose pods have all of these labels, in their order; all workloads when none is asked for. */
  readonly withLabels: (labels: Labels) => readonly Workload[];
  /** The workloads to whose pods a Service leads; none for one without a selector. */
  readonly selectedBy: (service: KubeObject) => readonly Workload[];
}

export function createPodIndex(workloads: Iterable<Workload>): PodIndex {
  const all = [...workloads];
  const byLabel = new Map<string, Workload[]>();
  for (const workload of all) {
    for (const [key, value] of Object.entries(workload.podLabels)) {
      const label = `${key}=${value}`;
      const others = byLabel.get(label);
      if (others === undefined) byLabel.set(label, [workload]);
      else others.push(workload);
    }
  }
  const withLabels = (labels: Labels): readonly Workload[] => {
    let fewest = all;
    for (const [key, value] of Object.entries(labels)) {
      const candidates = byLabel.get(`${key}=${value}`) ?? [];
      if (candidates.length < fewest.length) fewest = candidates;
    }
    return fewest.filter(({ podLabels }) => matchesLabels(labels, podLabels));
  };
  const selectedBy = (service: KubeObject): readonly Workload[] => {
    const selector = selectorOf(service);
    if (Object.keys(selector).length === 0) return [];
    return withLabels(selector).filter((workload) => sameNamespace(service, workload));
  };
  return { withLabels, selectedBy };
}

/** The Services that lead to the pods of each workload, in their order. */
export function servicesByWorkload(
  objects: readonly KubeObject[],
  { selectedBy }: PodIndex,
): ReadonlyMap<Workload, readonly KubeObject[]> {
  const found = new Map<Workload, KubeObject[]>();
  for (const service of ofKind(objects, 'Service'))
    for (const workload of selectedBy(service)) found.set(workload, [...(found.get(workload) ?? []), service]);
  return found;
}

function selectorOf(service: KubeObject): Labels {
  return textsOf(field(service.tree, 'spec', 'selector'));
}
