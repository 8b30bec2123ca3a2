import type Dockerode from 'dockerode';
import { MeshError } from '../../diagnostics/mesh-error.ts';
import type { Instance } from '../../plan/observed.ts';
import type { Engine, EngineInfo, InstanceDetail } from '../engine.ts';
import { connectDocker, engineError, statusOf } from './connect.ts';
import { readStats } from './container-stats.ts';
import { createContainers } from './create-containers.ts';
import type { DockerEngineOptions } from './docker-engine-options.ts';
import { type DockerHost, publishHostOf } from './docker-host.ts';
import { execInContainer } from './exec-in-container.ts';
import { observeDocker, projectFilter, stateOf } from './observe.ts';
import { readProjectLogs } from './project-logs.ts';
import { pullImage } from './pull.ts';
import { putConfigFiles } from './put-config-files.ts';
import { watchDocker } from './watch.ts';

/** Containers on a Docker (or Podman) engine. Compose creates them; the Engine API does the rest. */
export async function createDockerEngine(options: DockerEngineOptions): Promise<Engine> {
  const { host } = options;
  const docker = connectDocker(host);
  const call = async <T>(doing: string, request: () => Promise<T>): Promise<T> => {
    try {
      return await request();
    } catch (error) {
      throw engineError(error, host, doing);
    }
  };
  const info = await call('say its version', () => describeEngine(docker, host));
  return {
    info,
    observe: (project, images) => call('list containers', () => observeDocker(docker, project, images)),
    inspect: (id) => call('inspect a container', () => inspect(docker, id)),
    pull: (image, _onProgress, signal) => pullImage(image, { cwd: options.root, env: options.env, signal }),
    converge: async ({ mesh, nodes, anew, remove }, signal) => {
      await Promise.all(
        remove.map((instance) => call(`remove ${instance.name}`, () => removeContainer(docker, instance))),
      );
      if (nodes.length > 0) await createContainers(docker, options, { mesh, nodes, anew }, signal);
    },
    start: (instance, mesh) =>
      call(`start ${instance.name}`, async () => {
        await putConfigFiles(docker, instance, mesh, options);
        await startContainer(docker, instance);
      }),
    stop: (instance, graceMs) => call(`stop ${instance.name}`, () => stopContainer(docker, instance, graceMs)),
    remove: (instance) => call(`remove ${instance.name}`, () => removeContainer(docker, instance)),
    removeProject: (project, what) => call('remove the network', () => removeProject(docker, project, what.volumes)),
    watch: (project, onEvent, signal) => call('send its events', () => watchDocker(docker, project, onEvent, signal)),
    logs: (request, onLine, signal) => call('read logs', () => readProjectLogs(docker, request, onLine, signal)),
    exec: (request, signal) => execInContainer(options, request, signal),
    portHolder: (port) => call('list containers', () => findPublisher(docker, port)),
    stats: (instances) => call('read statistics', () => Promise.all(instances.map(({ id }) => readStats(docker, id)))),
    close: () => {},
  };
}

async function describeEngine(docker: Dockerode, host: DockerHost): Promise<EngineInfo> {
  const version = await docker.version();
  const podman = version.Components?.some((component) => component.Name === 'Podman Engine') ?? false;
  const short = version.Version.split('.').slice(0, 2).join('.');
  return { kind: 'docker', label: `${podman ? 'podman' : 'docker'} ${short}`, publishHost: publishHostOf(host) };
}

async function inspect(docker: Dockerode, id: string): Promise<InstanceDetail> {
  const found = await docker.getContainer(id).inspect();
  return {
    state: stateOf(found.State.Status),
    exitCode: found.State.ExitCode,
    startedAt: found.State.StartedAt,
    finishedAt: found.State.FinishedAt,
    restarts: found.RestartCount,
    outOfMemory: found.State.OOMKilled,
    memoryLimit: found.HostConfig.Memory ?? 0,
    error: found.State.Error,
  };
}

const NOT_MODIFIED = 304;
const NOT_FOUND = 404;

async function startContainer(docker: Dockerode, instance: Instance): Promise<void> {
  const container = docker.getContainer(instance.id);
  if (instance.state === 'paused') return void (await container.unpause());
  try {
    await container.start();
  } catch (error) {
    if (statusOf(error) === NOT_MODIFIED) return;
    if (statusOf(error) === NOT_FOUND) {
      throw new MeshError(`${instance.name} was removed by another command`, { code: 'MESH3008', cause: error });
    }
    throw error;
  }
}

async function stopContainer(docker: Dockerode, instance: Instance, graceMs: number): Promise<void> {
  try {
    await docker.getContainer(instance.id).stop({ t: Math.ceil(graceMs / 1000) });
  } catch (error) {
    if (statusOf(error) !== NOT_MODIFIED && statusOf(error) !== NOT_FOUND) throw error;
  }
}

const CONFLICT = 409;

async function removeContainer(docker: Dockerode, instance: Instance): Promise<void> {
  const container = docker.getContainer(instance.id);
  try {
    const nameless = namelessVolumes(await container.inspect());
    await container.remove({ force: true, v: true });
    await Promise.all(nameless.map((name) => unlessKept(docker.getVolume(name).remove())));
  } catch (error) {
    // Gone, or being removed by somebody else: both are what was asked for.
    if (statusOf(error) !== NOT_FOUND && statusOf(error) !== CONFLICT) throw error;
  }
}

/**
 * Volumes that nobody named. When Compose makes a container anew it hands them over by the name that the engine gave
 * them, and the engine then takes them for volumes that somebody wants to keep.
 */
function namelessVolumes({ Mounts }: Dockerode.ContainerInspectInfo): string[] {
  return Mounts.flatMap(({ Type, Name }) =>
    Type === 'volume' && Name !== undefined && /^[0-9a-f]{64}$/.test(Name) ? [Name] : [],
  );
}

/** One that is gone with its container, or that another container has, too. */
async function unlessKept(removal: Promise<unknown>): Promise<void> {
  await removal.catch((error: unknown) => {
    if (statusOf(error) !== NOT_FOUND && statusOf(error) !== CONFLICT) throw error;
  });
}

async function removeProject(docker: Dockerode, project: string, volumes: boolean): Promise<readonly string[]> {
  const filters = projectFilter(project);
  const networks = await docker.listNetworks({ filters });
  await Promise.all(networks.map((network) => unlessGone(docker.getNetwork(network.Id).remove())));
  const removed = networks.map((network) => `network ${network.Name}`);
  if (!volumes) return removed;
  const found = (await docker.listVolumes({ filters })).Volumes ?? [];
  await Promise.all(found.map((volume) => unlessGone(docker.getVolume(volume.Name).remove())));
  return [...removed, ...found.map((volume) => `volume ${volume.Name}`)];
}

/** What somebody else has removed meanwhile is what was asked for. */
async function unlessGone(removal: Promise<unknown>): Promise<void> {
  await removal.catch((error: unknown) => {
    if (statusOf(error) !== NOT_FOUND) throw error;
  });
}

async function findPublisher(docker: Dockerode, port: number): Promise<string | undefined> {
  const containers = await docker.listContainers({ filters: { publish: [String(port)] } });
  const [container] = containers;
  if (container === undefined) return undefined;
  const project = container.Labels['com.docker.compose.project'];
  const name = (container.Names[0] ?? container.Id.slice(0, 12)).replace(/^\//, '');
  return project === undefined ? `container ${name}` : `container ${name} of project ${project}`;
}
