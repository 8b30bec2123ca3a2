import { describe, expect, it } from 'vitest';
import type { Diagnostic } from '../../../src/diagnostics/diagnostic.ts';
import type { ManifestCheck } from '../../../src/manifest/schema.ts';
import type { Protocol } from '../../../src/mesh/mesh.ts';
import { defaultCheck, resolveCheck } from '../../../src/mesh/resolve-check.ts';
import { AT, asValue } from '../render/mesh-builder.ts';

const endpoints = (...protocols: readonly Protocol[]) =>
  protocols.map((protocol) => ({ name: `e-${protocol}`, protocol }));

function resolve(
  check: ManifestCheck,
  ...protocols: readonly Protocol[]
): { readonly check: unknown; readonly problems: readonly string[] } {
  const found: Diagnostic[] = [];
  const scope = {
    node: 'api',
    endpoints: endpoints(...protocols),
    at: () => AT,
    report: (diagnostic: Diagnostic) => found.push(diagnostic),
    value: asValue,
  };
  return { check: resolveCheck(check, scope), problems: found.map((diagnostic) => diagnostic.message) };
}

describe('the default check', () => {
  it.each([
    ['a job', { job: true }, ['http'], { kind: 'completed' }],
    ['no endpoint', {}, [], { kind: 'running' }],
    ['udp alone', {}, ['udp'], { kind: 'running' }],
    ['a database', {}, ['postgres'], { kind: 'postgres', endpoint: 'e-postgres' }],
    ['a cache', {}, ['redis'], { kind: 'redis', endpoint: 'e-redis' }],
    ['a broker', {}, ['amqp', 'http'], { kind: 'amqp', endpoint: 'e-amqp' }],
    ['http, whose health path nobody told', {}, ['http'], { kind: 'tcp', endpoint: 'e-http' }],
    ['gRPC, which may serve no health', {}, ['h2c'], { kind: 'tcp', endpoint: 'e-h2c' }],
    ['udp first', {}, ['udp', 'tcp'], { kind: 'tcp', endpoint: 'e-tcp' }],
  ] as const)('of %s', (_, node, protocols, check) => {
    expect(defaultCheck(node, endpoints(...protocols))).toEqual(check);
  });
});

describe('a given check', () => {
  it('asks the first http endpoint for a path', () => {
    expect(resolve({ http: '/health' }, 'tcp', 'http')).toEqual({
      check: { kind: 'http', endpoint: 'e-http', path: '/health' },
      problems: [],
    });
  });

  it('asks the named endpoint', () => {
    expect(resolve({ http: '/', endpoint: 'e-tcp', status: 404 }, 'tcp', 'http').check).toEqual({
      kind: 'http',
      endpoint: 'e-tcp',
      path: '/',
      status: 404,
    });
    expect(resolve({ grpc: 'e-h2c' }, 'h2c').check).toEqual({ kind: 'grpc', endpoint: 'e-h2c', service: '' });
    expect(resolve({ postgres: 'e-tcp', user: 'me' }, 'tcp').check).toEqual({
      kind: 'postgres',
      endpoint: 'e-tcp',
      user: asValue('me'),
    });
  });

  it.each([
    { http: '/', endpoint: 'x' },
    { grpc: 'x' },
    { postgres: 'x' },
    { redis: 'x' },
    { amqp: 'x' },
    { consul: 'x' },
    { tcp: 'x' },
  ])('refuses an endpoint that is not there: %j', (check) => {
    expect(resolve(check, 'http').problems).toEqual(['api has no endpoint "x" to probe']);
  });

  it('refuses a path where nothing speaks http', () => {
    expect(resolve({ http: '/' }, 'tcp').problems).toEqual(['api has no http endpoint to probe']);
  });

  it('refuses a pattern that is none', () => {
    expect(resolve({ log: 'ready (' }).problems).toEqual([
      'api: the log pattern is not a regular expression (unterminated group)',
    ]);
    expect(resolve({ log: 'ready \\d+' })).toEqual({ check: { kind: 'log', pattern: 'ready \\d+' }, problems: [] });
  });
});
