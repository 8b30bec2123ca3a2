import { type Check, endpointOf, type MeshNode, type ProbeClient } from '../../mesh/mesh.ts';
import type { Value } from '../../mesh/value.ts';
import { shellQuote } from '../shell-word.ts';

/** One word of a command: a text, or a value that is resolved for the container. */
export type Argument = string | Value;

/** A health check's command in the form of Compose (`CMD` or `CMD-SHELL` first), and what a reader may wonder about. */
export interface ContainerProbe {
  readonly test: readonly Argument[];
  readonly because?: string | undefined;
}

interface HttpRequest {
  readonly port: number;
  readonly path: string;
  /** The one wanted status; any of 2xx when missing. */
  readonly status?: number | undefined;
}

type Client = Exclude<ProbeClient, 'none'>;
type Writers<Request> = { readonly [C in Client]: (request: Request) => ContainerProbe };

/** How readiness is asked from inside the container, with what its image has; `undefined` when it has nothing. */
export function containerProbe(node: MeshNode): ContainerProbe | undefined {
  const check = node.health.ready;
  switch (check.kind) {
    case 'exec':
      return { test: ['CMD', ...check.command] };
    case 'log':
    case 'completed':
    case 'running':
      return undefined;
    case 'postgres':
      return postgresProbe(check, endpointOf(node, check.endpoint).port);
    case 'redis':
      return redisProbe(endpointOf(node, check.endpoint).port);
    default:
      return clientProbe(check, endpointOf(node, check.endpoint).port, node.health.client);
  }
}

type ClientCheck = Extract<Check, { kind: 'http' | 'grpc' | 'amqp' | 'consul' | 'tcp' }>;

function clientProbe(check: ClientCheck, port: number, client: ProbeClient): ContainerProbe | undefined {
  if (client === 'none') return undefined;
  switch (check.kind) {
    case 'http':
      return HTTP[client]({ port, path: check.path, status: check.status });
    case 'consul':
      return CONSUL[client](port);
    case 'amqp':
      return AMQP[client](port);
    case 'grpc':
      return { ...TCP[client](port), because: 'no gRPC client in the image: an open port stands for its health' };
    case 'tcp':
      return TCP[client](port);
  }
}

function postgresProbe(check: Extract<Check, { kind: 'postgres' }>, port: number): ContainerProbe {
  const user: Argument[] = check.user === undefined ? [] : ['-U', check.user];
  const database: Argument[] = check.database === undefined ? [] : ['-d', check.database];
  return {
    test: ['CMD', 'pg_isready', '-q', '-h', '127.0.0.1', '-p', String(port), ...user, ...database],
    because: 'over TCP: while the image initialises its data, the server answers on its socket only',
  };
}

function redisProbe(port: number): ContainerProbe {
  return {
    test: ['CMD-SHELL', `redis-cli -p ${port} ping | grep -Eq 'PONG|NOAUTH'`],
    because: 'NOAUTH is an answer too: the server is up, and wants a password',
  };
}

const HTTP: Writers<HttpRequest> = {
  bash: (request) => ({
    test: bash(
      openSocket(request.port),
      `printf '%s\\r\\n' ${shellQuote(`GET ${request.path} HTTP/1.1`)} 'Host: localhost' 'Connection: close' '' >&3`,
      'IFS= read -r status <&3',
      'echo "$status"',
      `[[ $status == HTTP/?.?\\ ${request.status ?? '2'}* ]]`,
    ),
    because: 'the image has no curl and no wget, but bash opens sockets',
  }),
  curl: (request) => ({
    test:
      request.status === undefined
        ? ['CMD', 'curl', '-fsS', '-o', '/dev/null', urlOf(request)]
        : [
            'CMD-SHELL',
            `curl -sS -o /dev/null -w '%{http_code}' ${shellQuote(urlOf(request))} | grep -q ${request.status}`,
          ],
  }),
  node: (request) => {
    const wanted =
      request.status === undefined ? 'statusCode >= 200 && statusCode < 300' : `statusCode === ${request.status}`;
    return {
      test: nodeScript(
        `require('node:http')`,
        `  .get(${jsQuote(urlOf(request))}, ({ statusCode }) => process.exit(${wanted} ? 0 : 1))`,
        `  .on('error', () => process.exit(1))`,
      ),
    };
  },
  wget: (request) => ({
    test:
      request.status === undefined
        ? ['CMD', 'wget', '-q', '-O', '/dev/null', urlOf(request)]
        : [
            'CMD-SHELL',
            `wget -S -O /dev/null ${shellQuote(urlOf(request))} 2>&1 | grep -q 'HTTP/1.. ${request.status}'`,
          ],
  }),
};

const TCP: Writers<number> = {
  bash: (port) => ({ test: bash(openSocket(port)) }),
  curl: listeningSocket,
  node: (port) => ({
    test: nodeScript(
      `require('node:net')`,
      `  .connect(${port}, '127.0.0.1', () => process.exit(0))`,
      `  .on('error', () => process.exit(1))`,
    ),
  }),
  wget: listeningSocket,
};

const AMQP_BECAUSE = 'the AMQP greeting: rabbitmq-diagnostics would start an Erlang VM each time';

const AMQP: Writers<number> = {
  bash: (port) => ({
    test: bash(
      openSocket(port),
      `printf 'AMQP\\0\\0\\x09\\x01' >&3`,
      'IFS= read -r -N 1 frame <&3',
      `[[ $frame == $'\\x01' ]]`,
    ),
    because: AMQP_BECAUSE,
  }),
  curl: listeningSocket,
  node: (port) => ({
    test: nodeScript(
      `require('node:net')`,
      `  .connect(${port}, '127.0.0.1', function () { this.write('AMQP\\x00\\x00\\x09\\x01') })`,
      `  .on('data', (answer) => process.exit(answer[0] === 1 ? 0 : 1))`,
      `  .on('error', () => process.exit(1))`,
    ),
    because: AMQP_BECAUSE,
  }),
  wget: listeningSocket,
};

const CONSUL_LEADER = '/v1/status/leader';
const CONSUL_BECAUSE = 'ready when a leader is elected: its address has a colon, none is ""';

const CONSUL: Writers<number> = {
  bash: (port) => ({
    test: bash(
      openSocket(port),
      `printf '%s\\r\\n' 'GET ${CONSUL_LEADER} HTTP/1.0' 'Host: localhost' '' >&3`,
      'mapfile -t answer <&3',
      '[[ ${answer[-1]} == *:* ]]',
    ),
    because: CONSUL_BECAUSE,
  }),
  curl: (port) => ({
    test: ['CMD-SHELL', `curl -fsS ${urlOf({ port, path: CONSUL_LEADER })} | grep -q :`],
    because: CONSUL_BECAUSE,
  }),
  node: (port) => ({
    test: nodeScript(
      `fetch('${urlOf({ port, path: CONSUL_LEADER })}')`,
      `  .then((response) => response.text())`,
      `  .then((leader) => process.exit(leader.includes(':') ? 0 : 1), () => process.exit(1))`,
    ),
    because: CONSUL_BECAUSE,
  }),
  wget: (port) => ({
    test: ['CMD-SHELL', `wget -q -O - ${urlOf({ port, path: CONSUL_LEADER })} | grep -q :`],
    because: CONSUL_BECAUSE,
  }),
};

/** A socket in state 0A listens. Busybox has no client that only connects: its nc waits for the other side to close. */
function listeningSocket(port: number): ContainerProbe {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  return {
    test: ['CMD', 'grep', '-qsE', `:${hex} 0+:0000 0A`, '/proc/net/tcp', '/proc/net/tcp6'],
    because: `port ${port} is ${hex} in hexadecimal, and 0A is a socket that listens`,
  };
}

function openSocket(port: number): string {
  return `exec 3<>/dev/tcp/127.0.0.1/${port}`;
}

function bash(...steps: readonly string[]): string[] {
  return ['CMD', 'bash', '-c', steps.join(' &&\n')];
}

function nodeScript(...lines: readonly string[]): string[] {
  return ['CMD', 'node', '-e', lines.join('\n')];
}

function urlOf(request: HttpRequest): string {
  return `http://127.0.0.1:${request.port}${request.path}`;
}

function jsQuote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
