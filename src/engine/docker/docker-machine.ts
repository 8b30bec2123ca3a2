import { connectDocker, engineError, statusOf } from './connect.ts';
import type { DockerHost } from './docker-host.ts';
import { LABEL, projectFilter, toInstance, withTag } from './observe.ts';

/** A mesh as the labels of its containers tell of it. */
export interface MeshOnEngine {
  readonly project: string;
  /** The folder of its compose file, on the machine where it was brought up. */
  readonly workingDir: string | undefined;
  /** How many of its nodes run, and how many have a container. */
  readonly running: number;
  readonly nodes: number;
  readonly ports: readonly number[];
}

/** A thing that a project left on the engine. */
export interface Remain {
  readonly kind: 'container' | 'network' | 'volume' | 'image';
  readonly id: string;
  readonly name: string;
}

/** What can be asked of an engine without a mesh at hand. */
export interface DockerMachine {
  meshes(): Promise<readonly MeshOnEngine[]>;
  /** Everything that carries the label of the project, and those of the named images that are there. */
  remains(project: string, images: readonly string[]): Promise<readonly Remain[]>;
  /** Removes them in an order that works; what is gone already is fine. */
  remove(remains: readonly Remain[]): Promise<void>;
}

export function createDockerMachine(host: DockerHost): DockerMachine {
  const docker = connectDocker(host);
  const call = async <T>(doing: string, request: () => Promise<T>): Promise<T> => {
    try {
      return await request();
    } catch (error) {
      throw engineError(error, host, doing);
    }
  };
  const removeOne = ({ kind, id, name }: Remain): Promise<unknown> => {
    switch (kind) {
      case 'container':
        return docker.getContainer(id).remove({ force: true, v: true });
      case 'network':
        return docker.getNetwork(id).remove();
      case 'volume':
        return docker.getVolume(name).remove();
      case 'image':
        return docker.getImage(name).remove();
    }
  };
  return {
    meshes: () =>
      call('list containers', async () => {
        const filters = { label: [LABEL.node] };
        return groupByProject(await docker.listContainers({ all: true, filters }));
      }),
    remains: (project, images) =>
      call('list what is left', async () => {
        const filters = projectFilter(project);
        const [containers, networks, volumes, found] = await Promise.all([
          docker.listContainers({ all: true, filters }),
          docker.listNetworks({ filters }),
          docker.listVolumes({ filters }),
          images.length === 0 ? [] : docker.listImages({ filters: { reference: [...images] } }),
        ]);
        const nameOf = (container: (typeof containers)[number]) => toInstance(container).name;
        return [
          ...containers.map((one): Remain => ({ kind: 'container', id: one.Id, name: nameOf(one) })),
          ...networks.map((one): Remain => ({ kind: 'network', id: one.Id, name: one.Name })),
          ...(volumes.Volumes ?? []).map((one): Remain => ({ kind: 'volume', id: one.Name, name: one.Name })),
          ...tagsOf(found, images).map((name): Remain => ({ kind: 'image', id: name, name })),
        ];
      }),
    remove: async (remains) => {
      for (const kind of ['container', 'network', 'volume', 'image'] as const) {
        const wanted = remains.filter((remain) => remain.kind === kind);
        await Promise.all(
          wanted.map((remain) =>
            call(`remove ${kind} ${remain.name}`, () =>
              removeOne(remain).catch((error: unknown) => ignoreGone(error, kind)),
            ),
          ),
        );
      }
    },
  };
}

const NOT_FOUND = 404;
const CONFLICT = 409;

/** An image that something else uses stays; only the name was that of the mesh. */
function ignoreGone(error: unknown, kind: Remain['kind']): void {
  const status = statusOf(error);
  if (status !== NOT_FOUND && !(kind === 'image' && status === CONFLICT)) throw error;
}

/** Copies with the same sources share an image, each under its own name; the other names stay. */
function tagsOf(found: readonly { readonly RepoTags?: string[] | undefined }[], images: readonly string[]): string[] {
  const own = new Set(images.map(withTag));
  return found.flatMap((image) => (image.RepoTags ?? []).filter((tag) => own.has(tag)));
}

type Containers = Awaited<ReturnType<ReturnType<typeof connectDocker>['listContainers']>>;

function groupByProject(containers: Containers): MeshOnEngine[] {
  const projects = new Map<string, Containers>();
  for (const container of containers) {
    const project = container.Labels[LABEL.project];
    if (project !== undefined) projects.set(project, [...(projects.get(project) ?? []), container]);
  }
  return [...projects].map(([project, own]) => {
    const instances = own.map(toInstance);
    const namesOf = (some: typeof instances) => new Set(some.map(({ node }) => node)).size;
    const ports = instances.flatMap((instance) => instance.ports.map(({ hostPort }) => hostPort));
    return {
      project,
      workingDir: instances.find(({ workingDir }) => workingDir !== undefined)?.workingDir,
      running: namesOf(instances.filter(({ state }) => state === 'running')),
      nodes: namesOf(instances),
      ports: [...new Set(ports)].sort((a, b) => a - b),
    };
  });
}
