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
  because: (node: string) => string | undefined = () => undefined,
): Promise<ReadonlyMap<string, FailedBuild>> {
  for (const node of nodes) {
    const cause = because(node);
    emit({ type: 'node:building', node, ...(cause === undefined ? {} : { because: cause }) });
  }
  const results = await build(nodes);
  const failed = new Map<string, FailedBuild>();
  for (const node of nodes) {
    const result = results.get(node);
    if (result === undefined) throw new Error(`the build gave no result for ${node}`);
    if (!result.ok) failed.set(node, result);
    else if (result.told !== true) emit({ type: 'node:built', node, tookMs: result.tookMs, cached: result.cached });
  }
  return failed;
}
