import type { Source } from '../../diagnostics/location.ts';
import type { Tree } from '../../manifest/tree.ts';
import { readDocuments } from '../read-documents.ts';

/** Values that switch everything on that `values.yaml` has off, but for what the caller leaves off. */
export function switchOn(values: Source, leaveOff: readonly string[]): Record<string, unknown> {
  const [root] = readDocuments(values).value ?? [];
  return root === undefined ? {} : (switched(root, '', new Set(leaveOff)) ?? {});
}

function switched(tree: Tree, path: string, leaveOff: ReadonlySet<string>): Record<string, unknown> | undefined {
  if (tree.kind !== 'map' || leaveOff.has(path)) return undefined;
  const entries = [...tree.entries].flatMap(([key, { tree: inner }]): [string, unknown][] => {
    if (key === 'enabled' && inner.kind === 'scalar' && inner.value === false) return [[key, true]];
    const below = switched(inner, path === '' ? key : `${path}.${key}`, leaveOff);
    return below === undefined ? [] : [[key, below]];
  });
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}
