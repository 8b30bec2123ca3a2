import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Location } from '../diagnostics/location.ts';
import { didYouMean } from '../diagnostics/suggest.ts';
import type { ManifestCheck, ManifestNode } from '../manifest/schema.ts';
import type { Check, Protocol } from './mesh.ts';
import type { Value } from './value.ts';

export interface CheckScope {
  readonly node: string;
  readonly endpoints: readonly { readonly name: string; readonly protocol: Protocol }[];
  /** The place of the check, or of one key of it. */
  readonly at: (key?: string) => Location;
  readonly report: (diagnostic: Diagnostic) => void;
  readonly value: (text: string, key: string) => Value;
}

/** The check in its resolved form; its endpoint is checked to exist. */
export function resolveCheck(check: ManifestCheck, scope: CheckScope): Check {
  if ('http' in check) {
    const endpoint = check.endpoint ?? scope.endpoints.find((candidate) => candidate.protocol === 'http')?.name;
    if (endpoint === undefined) return missingHttp(scope);
    return { kind: 'http', endpoint: known(endpoint, 'endpoint', scope), path: check.http, status: check.status };
  }
  if ('grpc' in check)
    return { kind: 'grpc', endpoint: known(check.grpc, 'grpc', scope), service: check.service ?? '' };
  if ('postgres' in check) {
    return {
      kind: 'postgres',
      endpoint: known(check.postgres, 'postgres', scope),
      user: check.user === undefined ? undefined : scope.value(check.user, 'user'),
      database: check.database === undefined ? undefined : scope.value(check.database, 'database'),
    };
  }
  if ('redis' in check) return { kind: 'redis', endpoint: known(check.redis, 'redis', scope) };
  if ('amqp' in check) return { kind: 'amqp', endpoint: known(check.amqp, 'amqp', scope) };
  if ('consul' in check) return { kind: 'consul', endpoint: known(check.consul, 'consul', scope) };
  if ('tcp' in check) return { kind: 'tcp', endpoint: known(check.tcp, 'tcp', scope) };
  if ('exec' in check) return { kind: 'exec', command: check.exec };
  return { kind: 'log', pattern: checkedPattern(check.log, scope) };
}

/** What shows readiness of a node that does not say it: the greeting of its protocol, or that it runs at all. */
export function defaultCheck(node: ManifestNode, endpoints: CheckScope['endpoints']): Check {
  if (node.job === true) return { kind: 'completed' };
  const first = endpoints.find((endpoint) => endpoint.protocol !== 'udp');
  if (first === undefined) return { kind: 'running' };
  switch (first.protocol) {
    case 'postgres':
    case 'redis':
    case 'amqp':
      return { kind: first.protocol, endpoint: first.name };
    default:
      return { kind: 'tcp', endpoint: first.name };
  }
}

function known(endpoint: string, key: string, scope: CheckScope): string {
  const names = scope.endpoints.map((candidate) => candidate.name);
  if (!names.includes(endpoint)) {
    scope.report({
      code: 'MESH1207',
      severity: 'error',
      message: `${scope.node} has no endpoint "${endpoint}" to probe`,
      location: scope.at(key),
      hint:
        didYouMean(endpoint, names) ?? (names.length > 0 ? `it has: ${names.join(', ')}` : 'it declares no endpoints'),
    });
  }
  return endpoint;
}

function missingHttp(scope: CheckScope): Check {
  scope.report({
    code: 'MESH1207',
    severity: 'error',
    message: `${scope.node} has no http endpoint to probe`,
    location: scope.at(),
    hint: 'declare one, such as `endpoints: { http: 8080 }`, or use another kind of check',
  });
  return { kind: 'running' };
}

function checkedPattern(pattern: string, scope: CheckScope): string {
  try {
    new RegExp(pattern);
  } catch (error) {
    scope.report({
      code: 'MESH1101',
      severity: 'error',
      message: `${scope.node}: the log pattern is not a regular expression (${reasonOf(error)})`,
      location: scope.at('log'),
      hint: 'put a backslash before a letter that is meant as itself',
    });
  }
  return pattern;
}

/** V8 repeats the pattern before it says what is wrong with it. */
function reasonOf(error: unknown): string {
  return error instanceof Error ? (error.message.split(': ').at(-1) ?? error.message).toLowerCase() : '';
}
