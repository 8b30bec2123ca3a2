import { connectDocker, engineError, statusOf } from './connect.ts';
import type { DockerHost } from './docker-host.ts';

/** What an image says of itself. */
export interface ImageFacts {
  readonly id: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Empty: root. */
  readonly user: string;
  /** Such as `8080/tcp`. */
  readonly exposed: readonly string[];
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  /** Whether builds that begin with it run steps of its own, which may read their context. */
  readonly hasTriggers: boolean;
}

/** What decides which builds an engine can do, and how many at once. */
export interface EngineAbilities {
  /** How it keeps images: `containerd`, or the name of a classic driver such as `overlay2`. */
  readonly store: string;
  readonly memoryBytes: number;
  readonly cpus: number;
}

export interface ImageStore {
  /** Of the images that are there, by the names that were asked for. */
  inspect(names: readonly string[]): Promise<ReadonlyMap<string, ImageFacts>>;
  abilities(): Promise<EngineAbilities>;
}

const NOT_FOUND = 404;
/** Of an engine that cannot make sense of a name. */
const BAD_REQUEST = 400;

/** The images of an engine. Methods throw MeshError MESH2001 when it does not answer, MESH2006 when it refuses. */
export function createImageStore(host: DockerHost): ImageStore {
  const docker = connectDocker(host);
  const inspectOne = async (name: string): Promise<ImageFacts | undefined> => {
    try {
      const { Id, Config } = await docker.getImage(name).inspect();
      // An image without a configuration has null there, whatever the types say.
      const config: Partial<NonNullable<typeof Config>> = Config ?? {};
      return {
        id: Id,
        labels: config.Labels ?? {},
        user: config.User ?? '',
        exposed: Object.keys(config.ExposedPorts ?? {}),
        entrypoint: [config.Entrypoint ?? []].flat(),
        command: config.Cmd ?? [],
        hasTriggers: (config.OnBuild ?? []).length > 0,
      };
    } catch (error) {
      const status = statusOf(error);
      if (status === NOT_FOUND || status === BAD_REQUEST) return undefined;
      throw engineError(error, host, `inspect ${name}`);
    }
  };
  return {
    inspect: async (names) => {
      const found = await Promise.all([...new Set(names)].map(async (name) => [name, await inspectOne(name)] as const));
      return new Map(found.flatMap(([name, facts]) => (facts === undefined ? [] : [[name, facts]])));
    },
    abilities: async () => {
      try {
        const info = await docker.info();
        const status: readonly (readonly string[])[] = info.DriverStatus ?? [];
        const isContainerd = status.some(
          ([key, value]) => key === 'driver-type' && (value ?? '').startsWith('io.containerd.snapshotter'),
        );
        return { store: isContainerd ? 'containerd' : info.Driver, memoryBytes: info.MemTotal, cpus: info.NCPU };
      } catch (error) {
        throw engineError(error, host, 'tell what it can do');
      }
    },
  };
}
