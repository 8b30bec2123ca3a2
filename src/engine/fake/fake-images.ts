import type { FakeImage } from './fake-behaviour.ts';

/** The images of the fake's machine. */
export interface FakeImages {
  readonly idOf: (name: string) => string | undefined;
  readonly put: (name: string) => void;
  /** Name → id, of those that are there. */
  readonly of: (names: readonly string[]) => Record<string, string>;
}

/** An image that is put again has another id, as one that was built anew. One that is not listed is there. */
export function createFakeImages(given: Readonly<Record<string, FakeImage>>): FakeImages {
  const versions = new Map<string, number>();
  const idOf = (name: string): string | undefined => {
    const version = versions.get(name) ?? ((given[name]?.here ?? true) ? 1 : undefined);
    return version === undefined ? undefined : `sha256:${name}@${version}`;
  };
  return {
    idOf,
    put: (name: string) => {
      versions.set(name, (versions.get(name) ?? 1) + 1);
    },
    of: (names: readonly string[]): Record<string, string> => {
      const entries = names.map((name) => [name, idOf(name)] as const).filter(([, id]) => id !== undefined);
      return Object.fromEntries(entries) as Record<string, string>;
    },
  };
}
