import { describe, expect, it } from 'vitest';
import type { Check, Endpoint, MeshNode, Setting } from '../../../src/mesh/mesh.ts';
import type { Value } from '../../../src/mesh/value.ts';
import { resolveCheckTarget } from '../../../src/probe/check-target.ts';

const at: MeshNode['at'] = { file: 'mesh.yaml', line: 1, column: 1, endLine: 1, endColumn: 1 };
const host = '127.0.0.1';

function setting(name: string, text: string): Setting {
  return { name, value: [{ kind: 'text', text }], at };
}

function node(env: readonly Setting[] = []): MeshNode {
  const endpoint = (name: string, port: number): Endpoint => ({
    name,
    port,
    protocol: 'tcp',
    host: { kind: 'auto' },
    at,
  });
  return {
    name: 'db',
    kind: 'infrastructure',
    tier: 'core',
    image: 'postgres:15',
    endpoints: [endpoint('main', 5432), endpoint('hidden', 9000)],
    needs: [],
    canRunWithout: [],
    calls: [],
    env,
    volumes: [],
    files: [],
    health: {
      ready: { kind: 'running' },
      withinMs: 1,
      readyDelayMs: 0,
      readyEveryMs: 1,
      liveDelayMs: 0,
      liveEveryMs: 1,
      client: 'none',
    },
    resources: { requests: {}, limits: {} },
    replicas: 1,
    restart: 'no',
    job: false,
    stopGraceMs: 1,
    profiles: [],
    values: {},
    kubernetes: { service: 'ClusterIP' },
    at,
  };
}

const text = (value: Value) => value.map((part) => (part.kind === 'text' ? part.text : `<${part.kind}>`)).join('');

function resolve(check: Check, env?: readonly Setting[]) {
  const hostPort = (endpoint: string) => (endpoint === 'main' ? 32_768 : undefined);
  return resolveCheckTarget({ node: node(env), check, host, hostPort, text });
}

describe('resolveCheckTarget', () => {
  it('turns an endpoint into the address where it is published', () => {
    const address = { host, port: 32_768 };
    expect(resolve({ kind: 'http', endpoint: 'main', path: '/ready', status: 401 })).toEqual({
      kind: 'http',
      ...address,
      path: '/ready',
      status: 401,
    });
    expect(resolve({ kind: 'grpc', endpoint: 'main', service: 'shop' })).toEqual({
      kind: 'grpc',
      ...address,
      service: 'shop',
    });
    for (const kind of ['redis', 'amqp', 'consul', 'tcp'] as const) {
      expect(resolve({ kind, endpoint: 'main' })).toEqual({ kind, ...address });
    }
  });

  it('leaves to the engine what only the engine can see', () => {
    const checks: Check[] = [
      { kind: 'exec', command: ['true'] },
      { kind: 'log', pattern: 'ready' },
      { kind: 'completed' },
      { kind: 'running' },
    ];
    expect(checks.map((check) => resolve(check))).toEqual(checks.map(() => undefined));
  });

  it('says when no port leads to the endpoint', () => {
    expect(resolve({ kind: 'tcp', endpoint: 'hidden' })).toBe('unpublished');
  });

  it('takes an endpoint that does not exist as our bug', () => {
    expect(() => resolve({ kind: 'tcp', endpoint: 'nowhere' })).toThrow('db has no endpoint nowhere');
  });

  it('takes the login of a Postgres check from the check, then the variables of the image, then its defaults', () => {
    const env = [setting('POSTGRES_USER', 'ada'), setting('POSTGRES_DB', 'shop')];
    const check = { kind: 'postgres', endpoint: 'main' } as const;
    const user: Value = [{ kind: 'text', text: 'eve' }];
    const loginOf = (asked: Check, settings?: readonly Setting[]) => resolve(asked, settings);
    expect(loginOf({ ...check, user, database: user }, env)).toMatchObject({ user: 'eve', database: 'eve' });
    expect(loginOf({ ...check, user }, env)).toMatchObject({ user: 'eve', database: 'shop' });
    expect(loginOf(check, env)).toMatchObject({ user: 'ada', database: 'shop' });
    expect(loginOf(check, env.slice(0, 1))).toMatchObject({ user: 'ada', database: 'ada' });
    expect(loginOf(check)).toMatchObject({ user: 'postgres', database: 'postgres' });
  });
});
