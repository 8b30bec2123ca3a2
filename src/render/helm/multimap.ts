/** Adds to the list of a key: a copy for each would make a server that all services call slow. */
export function addToList<Key, Item>(map: Map<Key, Item[]>, key: Key, item: Item): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [item]);
  else list.push(item);
}

/** Adds to the set of a key. */
export function addToSet<Key, Item>(map: Map<Key, Set<Item>>, key: Key, items: Iterable<Item>): void {
  const set = map.get(key) ?? new Set();
  for (const item of items) set.add(item);
  map.set(key, set);
}
