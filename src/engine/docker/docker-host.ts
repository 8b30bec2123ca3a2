import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { MeshError } from '../../diagnostics/mesh-error.ts';

/** Where the engine's API answers. */
export type DockerHost = (
  | { readonly kind: 'unix'; readonly socketPath: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number; readonly tls?: TlsFiles | undefined }
  | { readonly kind: 'ssh'; readonly destination: string; readonly host: string; readonly port?: number | undefined }
) & {
  /** As a person would name it, such as `unix:///var/run/docker.sock (context colima)`. */
  readonly label: string;
};

export interface TlsFiles {
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

export interface DockerHostInputs {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  readonly uid: number | undefined;
}

/**
 * The engine that `docker` itself would use: DOCKER_HOST, then DOCKER_CONTEXT, then the current context, then the
 * default socket; and where that one is missing, the sockets of Docker Desktop, rootless Docker and Podman.
 *
 * @throws MeshError MESH2001 when a context or host is named that cannot be understood
 */
export function findDockerHost(inputs: DockerHostInputs): DockerHost {
  const { env } = inputs;
  if (env.DOCKER_HOST !== undefined && env.DOCKER_HOST !== '') {
    return parseDockerHost(env.DOCKER_HOST, 'DOCKER_HOST', tlsFromEnvironment(inputs));
  }
  const configFolder = env.DOCKER_CONFIG ?? path.join(inputs.home, '.docker');
  const context = env.DOCKER_CONTEXT || currentContext(configFolder);
  if (context !== undefined && context !== 'default') return readContext(configFolder, context);
  const socket = defaultSockets(inputs).find((candidate) => existsSync(candidate)) ?? DEFAULT_SOCKET;
  return { kind: 'unix', socketPath: socket, label: `unix://${socket}` };
}

/** What the docker command itself takes where nothing else is said. */
const DEFAULT_SOCKET = '/var/run/docker.sock';

function defaultSockets({ env, home, uid }: DockerHostInputs): string[] {
  const runtime = env.XDG_RUNTIME_DIR ?? (uid === undefined ? undefined : `/run/user/${uid}`);
  return [
    DEFAULT_SOCKET,
    path.join(home, '.docker', 'run', 'docker.sock'),
    ...(runtime === undefined ? [] : [`${runtime}/docker.sock`, `${runtime}/podman/podman.sock`]),
    '/run/podman/podman.sock',
  ];
}

/** `unix:///path`, `tcp://host:port`, `ssh://user@host:port`; anything else is refused with its origin. */
export function parseDockerHost(text: string, origin: string, tls?: TlsFiles): DockerHost {
  const label = `${text} (${origin})`;
  if (text.startsWith('unix://')) return { kind: 'unix', socketPath: text.slice('unix://'.length), label };
  const url = tryUrl(text.includes('://') ? text : `tcp://${text}`);
  if (url?.protocol === 'ssh:') {
    const user = url.username === '' ? '' : `${decodeURIComponent(url.username)}@`;
    const port = url.port === '' ? undefined : Number(url.port);
    return { kind: 'ssh', destination: `${user}${url.hostname}`, host: url.hostname, port, label };
  }
  if (url !== undefined && ['tcp:', 'http:', 'https:'].includes(url.protocol) && url.hostname !== '') {
    const secure = tls !== undefined || url.protocol === 'https:';
    const port = url.port === '' ? (secure ? 2376 : 2375) : Number(url.port);
    const host = url.hostname.replace(/^\[|\]$/g, '');
    return { kind: 'tcp', host, port, tls: secure ? (tls ?? {}) : undefined, label };
  }
  throw new MeshError(`${origin} is "${text}", which is no address of an engine`, {
    code: 'MESH2001',
    exitCode: 3,
    hint: 'use unix:///path/to/docker.sock, tcp://host:port or ssh://user@host',
  });
}

function tryUrl(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}

function tlsFromEnvironment({ env, home }: DockerHostInputs): TlsFiles | undefined {
  const wanted = env.DOCKER_TLS_VERIFY !== undefined && env.DOCKER_TLS_VERIFY !== '';
  if (!wanted) return undefined;
  return readTls(env.DOCKER_CERT_PATH ?? path.join(home, '.docker'));
}

function readTls(folder: string): TlsFiles {
  const read = (name: string) => readIfThere(path.join(folder, name));
  return { ca: read('ca.pem'), cert: read('cert.pem'), key: read('key.pem') };
}

function currentContext(configFolder: string): string | undefined {
  const text = readIfThere(path.join(configFolder, 'config.json'));
  if (text === undefined) return undefined;
  try {
    const config: unknown = JSON.parse(text);
    const name = (config as { currentContext?: unknown }).currentContext;
    return typeof name === 'string' && name !== '' ? name : undefined;
  } catch {
    return undefined;
  }
}

interface ContextMeta {
  readonly Endpoints?: { readonly docker?: { readonly Host?: string } };
}

/** Docker keeps a context under the SHA-256 of its name. */
function readContext(configFolder: string, name: string): DockerHost {
  const id = createHash('sha256').update(name).digest('hex');
  const text = readIfThere(path.join(configFolder, 'contexts', 'meta', id, 'meta.json'));
  const meta = text === undefined ? undefined : (JSON.parse(text) as ContextMeta);
  const host = meta?.Endpoints?.docker?.Host;
  if (host === undefined) {
    throw new MeshError(`the Docker context "${name}" does not exist or names no engine`, {
      code: 'MESH2001',
      exitCode: 3,
      hint: 'see `docker context ls`, then `docker context use NAME`',
    });
  }
  const tlsFolder = path.join(configFolder, 'contexts', 'tls', id, 'docker');
  const tls = existsSync(tlsFolder) ? readTls(tlsFolder) : undefined;
  return parseDockerHost(host, `context ${name}`, tls);
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

/**
 * What the docker command has to be told so that it talks to the same engine: nothing, unless the engine was found at
 * a socket that the command would not look at.
 */
export function environmentFor(
  host: DockerHost,
  env: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
  const named = (env.DOCKER_HOST || env.DOCKER_CONTEXT || '') !== '' || host.label.includes('(');
  if (named || host.kind !== 'unix' || host.socketPath === DEFAULT_SOCKET) return {};
  return { DOCKER_HOST: `unix://${host.socketPath}` };
}

/** Where published ports are reached from here: this machine, unless the engine is on another one. */
export function publishHostOf(host: DockerHost): string {
  return host.kind === 'unix' ? '127.0.0.1' : host.host;
}

/** Where the engine is, whatever led there; equal for the same place. */
export function hostAddress(host: DockerHost): string {
  return host.label.replace(/ \(.*\)$/, '');
}
