import type Dockerode from 'dockerode';
import type { Instance, InstanceState, Observed, PublishedPort } from '../../plan/observed.ts';

export const LABEL = {
  project: 'com.docker.compose.project',
  service: 'com.docker.compose.service',
  number: 'com.docker.compose.container-number',
  oneOff: 'com.docker.compose.oneoff',
  workingDir: 'com.docker.compose.project.working_dir',
  node: 'dev.mesh.node',
  replica: 'dev.mesh.replica',
} as const;

export function projectFilter(project: string): { label: string[] } {
  return { label: [`${LABEL.project}=${project}`] };
}

/** One snapshot: two requests, however many containers there are. */
export async function observeDocker(docker: Dockerode, project: string, images: readonly string[]): Promise<Observed> {
  const [containers, found] = await Promise.all([
    docker.listContainers({ all: true, filters: projectFilter(project) }),
    images.length === 0 ? [] : docker.listImages({ filters: { reference: [...images] } }),
  ]);
  return {
    instances: containers.filter((container) => container.Labels[LABEL.oneOff] !== 'True').map(toInstance),
    images: imagesByName(images, found),
  };
}

export function toInstance(container: Dockerode.ContainerInfo): Instance {
  const labels = container.Labels;
  return {
    node: labels[LABEL.node] ?? labels[LABEL.service] ?? '',
    replica: Number(labels[LABEL.replica] ?? labels[LABEL.number] ?? 1),
    id: container.Id,
    name: (container.Names[0] ?? container.Id).replace(/^\//, ''),
    state: stateOf(container.State),
    exitCode: exitCodeOf(container.Status),
    imageId: container.ImageID,
    ports: portsOf(container.Ports),
    workingDir: labels[LABEL.workingDir],
  };
}

/** Node and replica of the container that an event is about. */
export function ownerOf(attributes: Readonly<Record<string, string>>): {
  readonly node: string;
  readonly replica: number;
} {
  return {
    node: attributes[LABEL.node] ?? attributes[LABEL.service] ?? '',
    replica: Number(attributes[LABEL.replica] ?? attributes[LABEL.number] ?? 1),
  };
}

const STATES: readonly InstanceState[] = ['created', 'running', 'restarting', 'paused', 'exited', 'removing', 'dead'];

export function stateOf(state: string): InstanceState {
  return STATES.find((known) => known === state) ?? 'dead';
}

/** The list gives the exit code only inside a sentence: `Exited (3) 5 seconds ago`. */
function exitCodeOf(status: string): number | undefined {
  const match = /^Exited \((-?\d+)\)/.exec(status);
  return match === null ? undefined : Number(match[1]);
}

/** Docker lists a port once for each address family. */
function portsOf(ports: readonly Dockerode.Port[]): PublishedPort[] {
  const published = new Map<string, PublishedPort>();
  for (const port of ports) {
    if (port.PublicPort === undefined || port.PublicPort === 0) continue;
    const protocol = port.Type === 'udp' ? 'udp' : 'tcp';
    published.set(`${protocol}/${port.PrivatePort}`, {
      containerPort: port.PrivatePort,
      protocol,
      hostPort: port.PublicPort,
    });
  }
  return [...published.values()].sort((a, b) => a.containerPort - b.containerPort);
}

function imagesByName(names: readonly string[], found: readonly Dockerode.ImageInfo[]): Record<string, string> {
  const ids = new Map<string, string>();
  for (const image of found) {
    for (const name of [...(image.RepoTags ?? []), ...(image.RepoDigests ?? [])]) ids.set(familiar(name), image.Id);
  }
  const byName: Record<string, string> = {};
  for (const name of names) {
    const id = ids.get(familiar(withTag(name)));
    if (id !== undefined) byName[name] = id;
  }
  return byName;
}

/** `postgres` → `postgres:latest`; a tag, a digest or a registry's port is left as it is. */
export function withTag(image: string): string {
  if (image.includes('@')) return image;
  return /:[^/]+$/.test(image) ? image : `${image}:latest`;
}

/** Podman says `docker.io/library/postgres:15` and `localhost/app:latest` where Docker says `postgres:15` and `app:latest`. */
function familiar(image: string): string {
  return image.replace(/^docker\.io\/(library\/)?/, '').replace(/^localhost\//, '');
}
