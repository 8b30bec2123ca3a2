import { runDocker } from './compose-command.ts';
import type { ImageFacts, ImageStore } from './image-store.ts';

/** Images where they are pushed to. The id of one is its digest there. */
export interface RegistryImages extends Pick<ImageStore, 'inspect'> {
  /** Gives more names of the same repository to an image that is there, without moving a layer; false when it may not. */
  addNames(from: string, names: readonly string[]): Promise<boolean>;
}

/** Each is a process of its own, and waits more than it works. */
const AT_ONCE = 8;
/** A registry that nobody answers for keeps a build from beginning no longer than this. */
const PATIENCE_MS = 10_000;

/**
 * Asks registries through `docker buildx imagetools`, which has the credentials of the user. What cannot be had is told
 * as not there: the build itself says what is wrong with a registry. Methods throw the signal's reason when it was
 * aborted, and MeshError MESH2002 when there is no docker command.
 */
export function createRegistryImages(env: NodeJS.ProcessEnv, signal: AbortSignal): RegistryImages {
  const imagetools = async (patience: AbortSignal, ...args: readonly string[]): Promise<string | undefined> => {
    try {
      const all = ['buildx', 'imagetools', ...args];
      const result = await runDocker(all, { cwd: '/', env, signal: AbortSignal.any([signal, patience]) });
      return result.exitCode === 0 ? result.stdout : undefined;
    } catch (error) {
      if (patience.aborted && !signal.aborted) return undefined;
      throw error;
    }
  };
  const inspectOne = async (patience: AbortSignal, name: string) => {
    const text = await imagetools(patience, 'inspect', name, '--format', '{{json .}}');
    return text === undefined ? undefined : readRegistryFacts(text);
  };
  return {
    inspect: async (names) => {
      const left = [...new Set(names)];
      const asked = new Map<string, ImageFacts | undefined>();
      // One for all of them: with one for each, many images would wait for a dead registry many times.
      const patience = AbortSignal.timeout(PATIENCE_MS);
      const askOn = async (): Promise<void> => {
        for (let name = left.shift(); name !== undefined; name = left.shift())
          asked.set(name, await inspectOne(patience, name));
      };
      await Promise.all(Array.from({ length: AT_ONCE }, askOn));
      return new Map([...asked].flatMap(([name, facts]) => (facts === undefined ? [] : [[name, facts]])));
    },
    addNames: async (from, names) => {
      const tags = names.flatMap((name) => ['--tag', name]);
      // The same digest under each name, and no index around it.
      return (
        (await imagetools(AbortSignal.timeout(PATIENCE_MS), 'create', '--prefer-index=false', ...tags, from)) !==
        undefined
      );
    },
  };
}

/** Looks in several places, of which the first that has an image counts. */
export function inOrder(...places: readonly Pick<ImageStore, 'inspect'>[]): Pick<ImageStore, 'inspect'> {
  return {
    inspect: async (names) => {
      const all = await Promise.all(places.map((place) => place.inspect(names)));
      return new Map(all.reverse().flatMap((found) => [...found]));
    },
  };
}

interface RegistryAnswer {
  readonly manifest?: { readonly digest?: string };
  /** The configuration of the image, or one for each platform. */
  readonly image?: ImageConfiguration | Readonly<Record<string, ImageConfiguration>>;
}

/** Source: https://github.com/opencontainers/image-spec/blob/main/config.md */
interface ImageConfiguration {
  readonly config?: {
    readonly User?: string;
    readonly ExposedPorts?: Readonly<Record<string, unknown>>;
    readonly Entrypoint?: readonly string[];
    readonly Cmd?: readonly string[];
    readonly Labels?: Readonly<Record<string, string>>;
    readonly OnBuild?: readonly string[];
  };
}

/** What `imagetools inspect` says of an image; `undefined` when that cannot be understood. */
export function readRegistryFacts(text: string): ImageFacts | undefined {
  const { manifest, image } = parse(text);
  if (manifest?.digest === undefined || image === undefined) return undefined;
  const all = isConfiguration(image) ? [image] : Object.values(image);
  const [first, ...others] = all.map(({ config }) => config ?? {});
  if (first === undefined) return undefined;
  // Of several platforms, what all of them say.
  const shared = Object.entries(first.Labels ?? {}).filter(([name, value]) =>
    others.every(({ Labels }) => Labels?.[name] === value),
  );
  return {
    id: manifest.digest,
    labels: Object.fromEntries(shared),
    user: first.User ?? '',
    exposed: Object.keys(first.ExposedPorts ?? {}),
    entrypoint: first.Entrypoint ?? [],
    command: first.Cmd ?? [],
    hasTriggers: [first, ...others].some(({ OnBuild }) => (OnBuild ?? []).length > 0),
  };
}

function isConfiguration(image: NonNullable<RegistryAnswer['image']>): image is ImageConfiguration {
  return !Object.keys(image).some((key) => key.includes('/'));
}

function parse(text: string): RegistryAnswer {
  try {
    return (JSON.parse(text) as RegistryAnswer | null) ?? {};
  } catch {
    return {};
  }
}
