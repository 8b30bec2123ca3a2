import { MeshError } from '../diagnostics/mesh-error.ts';

/** What a build asks for beyond an image for this machine. */
export interface BuildWishes {
  readonly platforms: readonly string[];
  readonly cacheTo: readonly string[];
  readonly sbom: boolean;
  readonly provenance: string | undefined;
  readonly push: boolean;
  readonly load: boolean;
}

/** How images are built here. */
export interface BuilderFacts {
  /** Of the buildx builder: `docker` is BuildKit in the engine itself. */
  readonly driver: string;
  /** How the engine keeps images: `containerd`, or a classic driver such as `overlay2`. */
  readonly store: string;
}

/**
 * What the builder cannot do is refused before anything is built, where BuildKit itself would do half of it first.
 * Source: https://docs.docker.com/build/builders/drivers/, https://docs.docker.com/engine/storage/containerd/
 *
 * @throws MeshError MESH2060
 */
export function refuseUnable(wishes: BuildWishes, { driver, store }: BuilderFacts): void {
  if (driver === 'docker' && store !== 'containerd') {
    const unable = unableWishes(wishes);
    if (unable.length === 0) return;
    throw new MeshError(`the image store of this engine (${store}) cannot do ${unable.join(', ')}`, {
      code: 'MESH2060',
      exitCode: 2,
      hint: 'switch the engine to the containerd image store ("features": {"containerd-snapshotter": true} in daemon.json), or build elsewhere: docker buildx create --use',
    });
  }
  if (driver !== 'docker' && wishes.platforms.length > 1 && !wishes.push) {
    throw new MeshError(`a builder of kind ${driver} cannot load images of several platforms into the engine`, {
      code: 'MESH2060',
      exitCode: 2,
      hint: 'push them, with --push, or build for one platform',
    });
  }
}

function unableWishes({ platforms, cacheTo, sbom, provenance }: BuildWishes): string[] {
  return [
    ...(platforms.length > 1 ? [`several platforms (${platforms.join(', ')})`] : []),
    ...cacheTo.filter((cache) => !/^type=inline(,|$)/.test(cache)).map((cache) => `--cache-to ${cache}`),
    ...(sbom ? ['--sbom'] : []),
    ...(provenance === undefined || provenance === 'false' ? [] : ['--provenance']),
  ];
}

/** Of a target while it compiles; .NET and TypeScript compilers stay below it. */
const MEMORY_OF_TARGET = 2 * 1024 ** 3;

/** How many images are built at once: as many as fit into the engine's memory, since bake itself has no limit. */
export function jobsFor(memoryBytes: number): number {
  return Math.max(1, Math.floor(memoryBytes / MEMORY_OF_TARGET));
}
