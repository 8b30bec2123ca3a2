/** `auth-service` → `authService`: the key of a node among the values, which templates can name without quotes. */
export function camelCase(name: string): string {
  return name.replaceAll(/-+([a-z0-9]?)/g, (_, letter: string) => letter.toUpperCase());
}

/** Name → its key, for all names at once: two names that differ in dashes only, or one that is taken, get a number. */
export function uniqueKeys(names: readonly string[], taken: readonly string[] = []): ReadonlyMap<string, string> {
  const used = new Set(taken);
  const keys = new Map<string, string>();
  for (const name of names) {
    const wanted = camelCase(name);
    let key = wanted;
    for (let number = 2; used.has(key); number++) key = `${wanted}${number}`;
    used.add(key);
    keys.set(name, key);
  }
  return keys;
}
