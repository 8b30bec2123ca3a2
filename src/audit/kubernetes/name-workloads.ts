import { entriesOf, field } from '../read-documents.ts';
import type { KubeObject, Workload } from './objects.ts';

/** The most telling one first: `component` is as often a group of services. */
const NAMING_LABELS = ['dev.mesh.node', 'app.kubernetes.io/name', 'io.kompose.service', 'app'] as const;
const COMPONENT = 'app.kubernetes.io/component';

/**
 * Which node each workload is. A label may say it, or the name of the object, or its end, as in `shop-gateway` for a
 * release `shop`. Where no nodes are known, or none fits, the object is called what it is called; so is a second one
 * that would be the same node.
 */
export function nameWorkloads(workloads: readonly Workload[], nodes: readonly string[]): ReadonlyMap<Workload, string> {
  const known = new Set(nodes);
  const longestFirst = [...nodes].sort((a, b) => b.length - a.length);
  const taken = new Set<string>();
  return new Map(
    workloads.map((workload) => {
      const node = isHook(workload) ? undefined : nodeOfWorkload(workload, known, longestFirst);
      const name = node === undefined || taken.has(node) ? workload.name : node;
      taken.add(name);
      return [workload, name];
    }),
  );
}

/** What a chart runs once, beside its services, such as its test. */
export function isHook({ tree }: KubeObject): boolean {
  return entriesOf(field(tree, 'metadata', 'annotations')).some(([key]) => key === 'helm.sh/hook');
}

function nodeOfWorkload(
  { name, podLabels, labels }: Workload,
  known: ReadonlySet<string>,
  longestFirst: readonly string[],
): string | undefined {
  if (known.has(name)) return name;
  const said = NAMING_LABELS.flatMap((label) => [podLabels[label], labels[label]]);
  const bySuffix = longestFirst.find((node) => name.endsWith(`-${node}`));
  return [...said, bySuffix, podLabels[COMPONENT], labels[COMPONENT]].find(
    (value) => value !== undefined && known.has(value),
  );
}
