import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import type Dockerode from 'dockerode';
import { MeshError } from '../../diagnostics/mesh-error.ts';
import { containerAddress } from '../../mesh/address.ts';
import { COMPOSE_FOLDER, composeFileOf } from '../../mesh/compose-file.ts';
import { type Mesh, nodeOf } from '../../mesh/mesh.ts';
import { joinValue, type Value } from '../../mesh/value.ts';
import type { Instance } from '../../plan/observed.ts';
import type { Engine, EngineInfo, ExecRequest, ExecResult, InstanceDetail } from '../engine.ts';
import { runCompose, runDocker } from './compose-command.ts';
import { packFiles } from './config-archive.ts';
import { connectDocker, engineError, statusOf } from './connect.ts';
import { readStats } from './container-stats.ts';
import { type DockerHost, publishHostOf } from './docker-host.ts';
import { observeDocker, projectFilter, stateOf } from './observe.ts';
import { readProjectLogs } from './project-logs.ts';
import { pullImage } from './pull.ts';
import { watchDocker } from './watch.ts';

export interface DockerEngineOptions {
  readonly host: DockerHost;
  /** Absolute path of the project's folder. */
  readonly root: string;
  /** The environment of `docker compose`, which reads DOCKER_HOST and credentials from it. */
  readonly env: NodeJS.ProcessEnv;
  readonly secret: (name: string) => string;
  readonly variable: (name: string) => string | undefined;
}

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
    converge: async ({ mesh, nodes, remove }, signal) => {
      await Promise.all(
        remove.map((instance) => call(`remove ${instance.name}`, () => removeContainer(docker, instance))),
      );
      if (nodes.length > 0) await createContainers(options, mesh, nodes, signal);
    },
    start: (instance, mesh) =>
      call(`start ${instance.name}`, async () => {
        await putFiles(docker, instance, mesh, options);
        await startContainer(docker, instance);
      }),
    stop: (instance, graceMs) => call(`stop ${instance.name}`, () => stopContainer(docker, instance, graceMs)),
    remove: (instance) => call(`remove ${instance.name}`, () => removeContainer(docker, instance)),
    removeProject: (project, what) => call('remove the network', () => removeProject(docker, project, what.volumes)),
    watch: (project, onEvent, signal) => call('send its events', () => watchDocker(docker, project, onEvent, signal)),
    logs: (request, onLine, signal) => call('read logs', () => readProjectLogs(docker, request, onLine, signal)),
    exec: (request, signal) => execute(options, request, signal),
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

/** A mesh without secrets has no such file. */
const ENV_FILE = path.posix.join('.mesh', 'secrets.env');

async function createContainers(
  options: DockerEngineOptions,
  mesh: Mesh,
  nodes: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const services = nodes.flatMap((name) => {
    const { replicas } = nodeOf(mesh, name);
    return Array.from({ length: replicas }, (_, index) => (index === 0 ? name : `${name}-${index + 1}`));
  });
  const context = {
    root: options.root,
    project: mesh.project,
    composeFile: composeFileOf(mesh),
    folder: COMPOSE_FOLDER,
    envFile: existsSync(path.join(options.root, ENV_FILE)) ? ENV_FILE : undefined,
    env: options.env,
  };
  await runCompose(context, ['create', '--no-build', '--pull', 'never', ...services], signal);
}

/** Compose puts config files in when it starts a container; we start it ourselves, so we put them in. */
async function putFiles(
  docker: Dockerode,
  instance: Instance,
  mesh: Mesh,
  options: DockerEngineOptions,
): Promise<void> {
  const node = mesh.nodes.find((candidate) => candidate.name === instance.node);
  if (node === undefined || node.files.length === 0 || instance.state === 'running') return;
  const text = (value: Value) => containerText(mesh, value, options);
  const archive = await packFiles(node.files.map((file) => ({ path: file.path, text: text(file.content) })));
  await docker.getContainer(instance.id).putArchive(archive, { path: '/' });
}

/** A value as a container reads it, with secrets and variables filled in. */
function containerText(mesh: Mesh, value: Value, options: DockerEngineOptions): string {
  return joinValue(value, {
    text: (part) => part.text,
    secret: (part) => options.secret(part.name),
    variable: (part) => options.variable(part.name) ?? part.fallback ?? '',
    address: (part) => containerAddress(mesh, part),
  });
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
  try {
    await docker.getContainer(instance.id).remove({ force: true, v: true });
  } catch (error) {
    // Gone, or being removed by somebody else: both are what was asked for.
    if (statusOf(error) !== NOT_FOUND && statusOf(error) !== CONFLICT) throw error;
  }
}

async function removeProject(docker: Dockerode, project: string, volumes: boolean): Promise<readonly string[]> {
  const filters = projectFilter(project);
  const networks = await docker.listNetworks({ filters });
  await Promise.all(networks.map((network) => docker.getNetwork(network.Id).remove()));
  const removed = networks.map((network) => `network ${network.Name}`);
  if (!volumes) return removed;
  const found = (await docker.listVolumes({ filters })).Volumes ?? [];
  await Promise.all(found.map((volume) => docker.getVolume(volume.Name).remove()));
  return [...removed, ...found.map((volume) => `volume ${volume.Name}`)];
}

async function findPublisher(docker: Dockerode, port: number): Promise<string | undefined> {
  const containers = await docker.listContainers({ filters: { publish: [String(port)] } });
  const [container] = containers;
  if (container === undefined) return undefined;
  const project = container.Labels['com.docker.compose.project'];
  const name = (container.Names[0] ?? container.Id.slice(0, 12)).replace(/^\//, '');
  return project === undefined ? `container ${name}` : `container ${name} of project ${project}`;
}

/** With the docker command, which gives the program a real terminal, window size and signals included. */
async function execute(options: DockerEngineOptions, request: ExecRequest, signal: AbortSignal): Promise<ExecResult> {
  const flags = [
    ...(request.stdio === 'inherit' ? ['--interactive'] : []),
    ...(request.tty === true ? ['--tty'] : []),
    ...(request.user === undefined ? [] : ['--user', request.user]),
    ...(request.workdir === undefined ? [] : ['--workdir', request.workdir]),
    ...(request.env ?? []).flatMap((assignment) => ['--env', assignment]),
  ];
  const args = ['exec', ...flags, request.instance.id, ...request.command];
  if (request.stdio === 'capture') {
    const result = await runDocker(args, { cwd: options.root, env: options.env, signal });
    return { exitCode: result.exitCode, output: `${result.stdout}${result.stderr}` };
  }
  return new Promise((resolve, reject) => {
    const child = spawn('docker', args, { cwd: options.root, env: options.env, stdio: 'inherit' });
    child.on('error', (error) => reject(engineError(error, options.host, 'run a command')));
    child.on('close', (code) => resolve({ exitCode: code ?? 1, output: '' }));
  });
}
