import { type Check, endpointOf, type MeshNode } from '../mesh/mesh.ts';
import type { Value } from '../mesh/value.ts';
import type { ProbeTarget } from './probe.ts';

export interface CheckTargetRequest {
  readonly node: MeshNode;
  readonly check: Check;
  /** Where the engine's published ports are reached from here. */
  readonly host: string;
  /** The port on {@link host} that leads to the named endpoint; `undefined` when there is none, or none yet. */
  readonly hostPort: (endpoint: string) => number | undefined;
  /** Turns a value into text, as the node itself sees it. */
  readonly text: (value: Value) => string;
}

/**
 * Turns the names of a check into an address.
 *
 * @returns `undefined` for the kinds that need the engine instead; `'unpublished'` when no port leads to the endpoint
 *   now, as with an instance that has exited
 */
export function resolveCheckTarget(request: CheckTargetRequest): ProbeTarget | 'unpublished' | undefined {
  const { node, check, host } = request;
  if (check.kind === 'exec' || check.kind === 'log' || check.kind === 'completed' || check.kind === 'running')
    return undefined;
  const port = request.hostPort(endpointOf(node, check.endpoint).name);
  if (port === undefined) return 'unpublished';
  switch (check.kind) {
    case 'http':
      return { kind: check.kind, host, port, path: check.path, status: check.status };
    case 'grpc':
      return { kind: check.kind, host, port, service: check.service };
    case 'postgres':
      return { kind: check.kind, host, port, ...resolveLogin(check, request) };
    case 'redis':
    case 'amqp':
    case 'consul':
    case 'tcp':
      return { kind: check.kind, host, port };
  }
}

/**
 * What the check does not say, the image's own variables do; their defaults are the image's too.
 * Source: https://hub.docker.com/_/postgres, Environment Variables
 */
function resolveLogin(
  check: Extract<Check, { kind: 'postgres' }>,
  { node, text }: CheckTargetRequest,
): { user: string; database: string } {
  const setting = (name: string) => node.env.find((candidate) => candidate.name === name)?.value;
  const user = textOf(check.user ?? setting('POSTGRES_USER'), text) || 'postgres';
  const database = textOf(check.database ?? setting('POSTGRES_DB'), text) || user;
  return { user, database };
}

function textOf(value: Value | undefined, text: (value: Value) => string): string {
  return value === undefined ? '' : text(value);
}
