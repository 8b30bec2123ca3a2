import { spawn } from 'node:child_process';
import http from 'node:http';
import { Duplex, type Readable, type Writable } from 'node:stream';
import Dockerode from 'dockerode';
import { MeshError, messageOf } from '../../diagnostics/mesh-error.ts';
import type { DockerHost } from './docker-host.ts';

/** A client for the engine's API at that address. Nothing is sent yet. */
export function connectDocker(host: DockerHost): Dockerode {
  // dockerode fills what is missing from DOCKER_HOST, so every field is given.
  const empty = {
    host: undefined,
    port: undefined,
    socketPath: undefined,
    ca: undefined,
    cert: undefined,
    key: undefined,
  };
  switch (host.kind) {
    case 'unix':
      return create({ ...empty, socketPath: host.socketPath, protocol: 'http' });
    case 'tcp':
      return create({
        ...empty,
        host: host.host,
        port: host.port,
        ...host.tls,
        protocol: host.tls === undefined ? 'http' : 'https',
      });
    case 'ssh':
      return create({ ...empty, host: 'docker', port: 80, protocol: 'http', agent: createSshAgent(host) });
  }
}

function create(options: Record<string, unknown>): Dockerode {
  return new Dockerode(options as Dockerode.DockerOptions);
}

/** As the docker CLI does: `ssh host docker system dial-stdio` gives a stream to the engine, with the user's own ssh set-up. */
function createSshAgent(host: Extract<DockerHost, { kind: 'ssh' }>): http.Agent {
  const agent = new http.Agent({ keepAlive: false });
  const port = host.port === undefined ? [] : ['-p', String(host.port)];
  Object.assign(agent, {
    createConnection: () => {
      const child = spawn(
        'ssh',
        [...port, '-o', 'ConnectTimeout=30', '-T', '--', host.destination, 'docker', 'system', 'dial-stdio'],
        {
          stdio: ['pipe', 'pipe', 'pipe'],
        },
      );
      const stream = joinPipes(child.stdout, child.stdin);
      let complaint = '';
      child.stderr.on('data', (chunk: Buffer) => {
        complaint = `${complaint}${chunk.toString('utf8')}`.slice(-500);
      });
      child.on('error', (error) => stream.destroy(error));
      child.on('exit', (code) => {
        if (code !== 0 && code !== null) stream.destroy(new Error(complaint.trim() || `ssh exited with code ${code}`));
      });
      stream.on('close', () => child.kill());
      // node:http treats it as a socket.
      return Object.assign(stream, {
        setKeepAlive: () => stream,
        setNoDelay: () => stream,
        setTimeout: () => stream,
        ref: () => stream,
        unref: () => stream,
      });
    },
  });
  return agent;
}

/**
 * One stream over the two pipes of a child. Not `Duplex.from`: the far end closes its half first, and that calls it a
 * premature close, at times before the last answer has been read.
 */
function joinPipes(output: Readable, input: Writable): Duplex {
  const stream = new Duplex({
    read: () => output.resume(),
    write: (chunk, encoding, done) => input.write(chunk, encoding, () => done()),
    final: (done) => input.end(() => done()),
  });
  output.on('data', (chunk: Buffer) => {
    if (!stream.push(chunk)) output.pause();
  });
  output.on('end', () => stream.push(null));
  // Its end is told by the other pipe and by the exit of the child.
  input.on('error', () => {});
  return stream;
}

const UNREACHABLE: ReadonlySet<string> = new Set([
  'ENOENT',
  'ECONNREFUSED',
  'EACCES',
  'EPERM',
  'ENOTFOUND',
  'EHOSTUNREACH',
  'ETIMEDOUT',
  'ECONNRESET',
  'EPIPE',
  'EAI_AGAIN',
]);

/** Any failure of a request → a MeshError that says whether the engine is gone or refuses. */
export function engineError(error: unknown, host: DockerHost, doing: string): MeshError {
  if (error instanceof MeshError) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : undefined;
  if (status === undefined && (UNREACHABLE.has(code) || host.kind === 'ssh')) {
    const denied = code === 'EACCES' || code === 'EPERM';
    return new MeshError(
      `no Docker engine answers at ${host.label}: ${denied ? 'permission denied' : messageOf(error)}`,
      {
        code: 'MESH2001',
        exitCode: 3,
        hint: denied
          ? 'add yourself to the docker group, or run Docker rootless'
          : 'start Docker (or Podman with its socket), or point DOCKER_HOST or a Docker context at one',
        cause: error,
      },
    );
  }
  // Neither the engine nor the network said anything: our own mistake must not look like theirs.
  if (status === undefined && code === '' && !(error instanceof Error && 'json' in error)) throw error;
  return new MeshError(`the engine refused to ${doing}: ${wordsOf(error)}`, { code: 'MESH2006', cause: error });
}

/** dockerode puts the engine's own message into `json.message`. */
function wordsOf(error: unknown): string {
  const json = error instanceof Error && 'json' in error ? (error.json as { message?: unknown } | null) : undefined;
  return typeof json?.message === 'string' ? json.message : messageOf(error);
}

export function statusOf(error: unknown): number | undefined {
  return error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number'
    ? error.statusCode
    : undefined;
}
