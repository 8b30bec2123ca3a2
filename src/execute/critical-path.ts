/** When a node was started and when it was ready, in milliseconds of one clock. */
export interface NodeTimes {
  readonly startedMs: number;
  readonly readyMs: number;
}

export interface PathStep {
  readonly node: string;
  readonly ms: number;
}

/**
 * The chain that decided how long the run took: from the node that was ready last, back through the need that was
 * ready last each time. Nodes that were up before the run have no times and end the chain.
 */
export function criticalPath(
  times: ReadonlyMap<string, NodeTimes>,
  needs: (node: string) => readonly string[],
): PathStep[] {
  const path: PathStep[] = [];
  let current = latest([...times.keys()], times);
  while (current !== undefined) {
    const { startedMs, readyMs } = times.get(current) ?? { startedMs: 0, readyMs: 0 };
    path.unshift({ node: current, ms: Math.round(readyMs - startedMs) });
    current = latest(needs(current), times);
  }
  return path;
}

function latest(names: readonly string[], times: ReadonlyMap<string, NodeTimes>): string | undefined {
  let best: string | undefined;
  for (const name of names) {
    const time = times.get(name);
    if (time !== undefined && (best === undefined || time.readyMs > (times.get(best)?.readyMs ?? 0))) best = name;
  }
  return best;
}
