import type Dockerode from 'dockerode';
import { connectDocker, engineError, statusOf } from './connect.ts';
import type { DockerHost } from './docker-host.ts';

export interface TrialRequest {
  readonly image: string;
  readonly env: readonly string[];
  readonly entrypoint?: readonly string[] | undefined;
  readonly command?: readonly string[] | undefined;
  readonly user?: string | undefined;
  /** Ports inside the container, published on this machine's loopback address on any free port. */
  readonly ports: readonly number[];
}

/** A container that is started to see what its image does; gone when it is disposed of. */
export interface TrialContainer extends AsyncDisposable {
  readonly hostPort: (port: number) => number | undefined;
  /** The users that its processes run as, as the engine's machine knows them; none when it has ended. */
  readonly users: () => Promise<readonly string[]>;
  /** The code that it ended with; nothing while it runs. */
  readonly exitCode: () => Promise<number | undefined>;
  /** Its last lines. */
  readonly lastLines: () => Promise<readonly string[]>;
}

const LABEL = 'dev.mesh.trial';

/**
 * Services on a port below 1024 need no root: the engine lets them.
 * @throws MeshError MESH2006 when the engine refuses to start it
 */
export async function startTrial(host: DockerHost, request: TrialRequest): Promise<TrialContainer> {
  const docker = connectDocker(host);
  const ports = request.ports.map((port) => `${port}/tcp`);
  let container: Dockerode.Container | undefined;
  try {
    container = await docker.createContainer({
      Image: request.image,
      Env: [...request.env],
      ...(request.entrypoint === undefined ? {} : { Entrypoint: [...request.entrypoint] }),
      ...(request.command === undefined ? {} : { Cmd: [...request.command] }),
      ...(request.user === undefined ? {} : { User: request.user }),
      Labels: { [LABEL]: request.image },
      ExposedPorts: Object.fromEntries(ports.map((port) => [port, {}])),
      HostConfig: {
        PortBindings: Object.fromEntries(ports.map((port) => [port, [{ HostIp: '127.0.0.1', HostPort: '' }]])),
        Sysctls: { 'net.ipv4.ip_unprivileged_port_start': '0' },
      },
    });
    await container.start();
    const { NetworkSettings } = await container.inspect();
    return trialOf(container, NetworkSettings.Ports ?? {});
  } catch (error) {
    await container?.remove({ force: true, v: true }).catch(() => {});
    throw engineError(error, host, `start ${request.image}`);
  }
}

type Published = Readonly<Record<string, readonly { readonly HostPort: string }[] | null | undefined>>;

function trialOf(container: Dockerode.Container, published: Published): TrialContainer {
  return {
    hostPort: (port) => {
      const text = published[`${port}/tcp`]?.[0]?.HostPort;
      return text === undefined ? undefined : Number(text);
    },
    users: async () => {
      try {
        const { Titles, Processes } = (await container.top({ ps_args: '-eo uid,pid' })) as {
          readonly Titles: readonly string[];
          readonly Processes: readonly (readonly string[])[];
        };
        const column = Titles.indexOf('UID');
        return [...new Set(Processes.map((row) => row[column] ?? ''))];
      } catch (error) {
        if (statusOf(error) === undefined) throw error;
        return [];
      }
    },
    exitCode: async () => {
      const { State } = await container.inspect();
      return State.Running ? undefined : State.ExitCode;
    },
    lastLines: async () => {
      const log = await container.logs({ stdout: true, stderr: true, tail: 20, follow: false });
      return textOf(log as unknown as Buffer);
    },
    [Symbol.asyncDispose]: async () => {
      await container.remove({ force: true, v: true }).catch(() => {});
    },
  };
}

/** Frames of eight bytes and their payload, as the engine sends both streams on one connection. */
function textOf(log: Buffer): string[] {
  const lines: string[] = [];
  for (let at = 0; at + 8 <= log.length; ) {
    const length = log.readUInt32BE(at + 4);
    lines.push(...log.toString('utf8', at + 8, at + 8 + length).split(/\r?\n/));
    at += 8 + length;
  }
  return lines.filter((line) => line.trim() !== '');
}
