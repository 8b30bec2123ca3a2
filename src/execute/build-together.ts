import type { Emit } from './emit.ts';
import type { BuildOutcome } from './run-context.ts';

export type FailedBuild = Extract<BuildOutcome, { ok: false }>;

/**
 * Builds the images of nodes together and tells of each that it is begun and that it is there. Of those that failed the
 * caller tells, since it knows who suffers.
 */
export async function buildTogether(
  nodes: readonly string[],
  build: (nodes: readonly string[]) => Promise<ReadonlyMap<string, BuildOutcome>>,
  emit: Emit,
): Promise<ReadonlyMap<string, FailedBuild>> {
  for (const node of nodes) emit({ type: 'node:building', node });
  const results = await build(nodes);
  const failed = new Map<string, FailedBuild>();
  for (const node of nodes) {
    const result = results.get(node);
    if (result === undefined) throw new Error(`the build gave no result for ${node}`);
    if (result.ok) emit({ type: 'node:built', node, tookMs: result.tookMs, cached: result.cached });
    else failed.set(node, result);
  }
  return failed;
}
