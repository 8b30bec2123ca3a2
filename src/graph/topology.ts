/** For each node, the nodes that it needs. Every need must itself be a key. */
export type Needs = ReadonlyMap<string, readonly string[]>;

/**
 * The first cycle, as a closed path (`a → b → a`), or nothing.
 * Starts from the smallest name of the cycle, so the same graph always gives the same text.
 */
export function findCycle(needs: Needs): readonly string[] | undefined {
  const done = new Set<string>();
  for (const start of [...needs.keys()].sort()) {
    const cycle = cycleFrom(start, needs, done);
    if (cycle !== undefined) return rotateToSmallest(cycle);
  }
  return undefined;
}

/** Depth first with an explicit stack: a manifest of thousands of chained nodes must not overflow ours. */
function cycleFrom(start: string, needs: Needs, done: Set<string>): string[] | undefined {
  const path: { readonly name: string; readonly rest: string[] }[] = [];
  const onPath = new Set<string>();
  const enter = (name: string) => {
    path.push({ name, rest: [...(needs.get(name) ?? [])].sort().reverse() });
    onPath.add(name);
  };
  if (!done.has(start)) enter(start);
  for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
    const next = top.rest.pop();
    if (next === undefined) {
      done.add(top.name);
      onPath.delete(top.name);
      path.pop();
    } else if (onPath.has(next)) {
      return path.slice(path.findIndex((entry) => entry.name === next)).map((entry) => entry.name);
    } else if (!done.has(next)) {
      enter(next);
    }
  }
  return undefined;
}

function rotateToSmallest(cycle: readonly string[]): readonly string[] {
  const smallest = [...cycle].sort()[0];
  const at = smallest === undefined ? 0 : cycle.indexOf(smallest);
  const rotated = [...cycle.slice(at), ...cycle.slice(0, at)];
  return [...rotated, ...rotated.slice(0, 1)];
}

/**
 * Needs before the nodes that need them; among equals, the order of the map's keys.
 * The graph must have no cycle ({@link findCycle}).
 */
export function topologicalOrder(needs: Needs): string[] {
  const order: string[] = [];
  const waiting = new Map<string, number>();
  const dependents = new Map<string, string[]>();
  for (const [name, list] of needs) {
    waiting.set(name, list.length);
    for (const need of list) dependents.set(need, [...(dependents.get(need) ?? []), name]);
  }
  let layer = [...needs.keys()].filter((name) => waiting.get(name) === 0);
  while (layer.length > 0) {
    const next = new Set<string>();
    for (const name of layer) {
      order.push(name);
      for (const dependent of dependents.get(name) ?? []) {
        const left = (waiting.get(dependent) ?? 0) - 1;
        waiting.set(dependent, left);
        if (left === 0) next.add(dependent);
      }
    }
    layer = [...needs.keys()].filter((name) => next.has(name));
  }
  return order;
}

/** The given nodes and all that they need, directly or through others. */
export function withAncestors(names: Iterable<string>, needs: Needs): Set<string> {
  return reach(names, (name) => needs.get(name) ?? []);
}

/** The given nodes and all that need them, directly or through others. */
export function withDependents(names: Iterable<string>, needs: Needs): Set<string> {
  const dependents = new Map<string, string[]>();
  for (const [name, list] of needs)
    for (const need of list) dependents.set(need, [...(dependents.get(need) ?? []), name]);
  return reach(names, (name) => dependents.get(name) ?? []);
}

function reach(names: Iterable<string>, next: (name: string) => readonly string[]): Set<string> {
  const found = new Set<string>();
  const open = [...names];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (found.has(name)) continue;
    found.add(name);
    open.push(...next(name));
  }
  return found;
}
