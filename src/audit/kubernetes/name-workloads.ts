import type { Workload } from './objects.ts';

const NAMING_LABELS = [
  'dev.mesh.node',
  'app.kubernetes.io/component',
  'app.kubernetes.io/name',
  'app',
  'io.kompose.service',
] as const;

/**
 * Which node each workload is. A label may say it, or the name of the object, or its end, as in `shop-gateway` for a
 * release `shop`. Where no nodes are known, or none fits, the object is called what it is called.
 */
export function nameWorkloads(workloads: readonly Workload[], nodes: readonly string[]): ReadonlyMap<Workload, string> {
  const known = new Set(nodes);
  const longestFirst = [...nodes].sort((a, b) => b.length - a.length);
  return new Map(
    workloads.map((workload) => [workload, nodeOfWorkload(workload, known, longestFirst) ?? workload.name]),
  );
}

function nodeOfWorkload(
  { name, podLabels, labels }: Workload,
  known: ReadonlySet<string>,
  longestFirst: readonly string[],
): string | undefined {
  if (known.has(name)) return name;
  const said = NAMING_LABELS.flatMap((label) => [podLabels[label], labels[label]]);
  const bySuffix = longestFirst.find((node) => name.endsWith(`-${node}`));
  return said.find((value) => value !== undefined && known.has(value)) ?? bySuffix;
}
