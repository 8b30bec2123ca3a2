import { expect, test } from 'vitest';
import type { MeshNode } from '../../../../src/mesh/mesh.ts';
import { renderComposeService } from '../../../../src/render/compose/compose-service.ts';
import { renderComposeConfigs } from '../../../../src/render/compose/config-files.ts';
import {
  AT,
  address,
  asValue,
  endpoint,
  healthWith,
  meshWith,
  need,
  nodeWith,
  settings,
  text,
} from '../mesh-builder.ts';

const render = (node: MeshNode, others: readonly MeshNode[] = []) =>
  renderComposeService(meshWith({ nodes: [node, ...others] }), node);

test('a node with nothing special is its image and its labels', () => {
  expect(render(nodeWith({ name: 'api', image: 'api:1' }))).toEqual({
    image: 'api:1',
    labels: { 'dev.mesh.node': 'api', 'dev.mesh.replica': '1' },
  });
});

test('everything that a node can have', () => {
  const node = nodeWith({
    name: 'api',
    entrypoint: ['/bin/sh', '-c'],
    command: ['echo $HOME'],
    user: '1000:1000',
    env: settings({ PLAIN: 'a$b', SELF: address('api', 'http') }),
    endpoints: [
      endpoint('http', 'http', 8080),
      endpoint('dns', 'udp', 53, { kind: 'auto' }),
      endpoint('in', 'tcp', 9, { kind: 'none' }),
    ],
    volumes: [{ name: 'data', path: '/data' }],
    files: [{ path: '/etc/api.conf', content: [text('to='), address('api', 'http', 'address')], at: AT }],
    health: healthWith({ kind: 'exec', command: ['test', '$A'] }, { withinMs: 90_000 }),
    resources: { requests: { cpu: '100m' }, limits: { cpu: '1', memory: '1Gi' } },
    restart: 'unless-stopped',
    stopGraceMs: 90_000,
    profiles: ['extra'],
  });
  expect(render(node)).toEqual({
    image: 'api:dev',
    entrypoint: ['/bin/sh', '-c'],
    command: ['echo $$HOME'],
    user: '1000:1000',
    environment: { PLAIN: 'a$$b', SELF: 'http://api:8080' },
    ports: ['${MESH_BIND_ADDRESS:-127.0.0.1}:8080:8080', '${MESH_BIND_ADDRESS:-127.0.0.1}::53/udp'],
    configs: [{ source: 'api-1', target: '/etc/api.conf', mode: '0444' }],
    volumes: ['data:/data'],
    healthcheck: {
      test: ['CMD', 'test', '$$A'],
      interval: '30s',
      timeout: '5s',
      retries: 3,
      start_period: '1m30s',
      start_interval: '2s',
    },
    deploy: { resources: { limits: { cpus: '1.00', memory: '1G' }, reservations: { cpus: '0.10' } } },
    restart: 'unless-stopped',
    stop_grace_period: '1m30s',
    profiles: ['extra'],
    labels: { 'dev.mesh.node': 'api', 'dev.mesh.replica': '1' },
  });
  expect(renderComposeConfigs(meshWith({ nodes: [node] }), node)).toEqual({ 'api-1': { content: 'to=api:8080' } });
});

const dotnet = {
  kind: 'dotnet',
  project: 'src/Api',
  assembly: 'Api',
  context: '.',
  sdkImage: 'sdk',
  runtimeImage: 'aspnet',
} as const;

test('an image that mesh builds is never pulled, has an init, and may listen below 1024 without root', () => {
  expect(
    render(nodeWith({ name: 'api', build: dotnet, endpoints: [endpoint('http', 'http', 80, { kind: 'none' })] })),
  ).toMatchObject({
    build: { context: '..', dockerfile: 'dockerfiles/Dockerfile.Api' },
    pull_policy: 'never',
    init: true,
    sysctls: { 'net.ipv4.ip_unprivileged_port_start': 0 },
  });
  expect(render(nodeWith({ name: 'api', build: dotnet }))).not.toHaveProperty('sysctls');
});

test("a package's Dockerfile is outside its context", () => {
  const build = { kind: 'node', context: 'services/api', entry: 'main.js', baseImage: 'node:22' } as const;
  expect(render(nodeWith({ name: 'web-api', build })).build).toEqual({
    context: '../services/api',
    dockerfile: '../../dockerfiles/Dockerfile.WebApi',
  });
});

test("the user's own Dockerfile, with its target and arguments; nothing is assumed about what runs in it", () => {
  const build = {
    kind: 'dockerfile',
    dockerfile: 'services/api/Dockerfile',
    context: 'services/api',
    target: 'prod',
    args: { PRICE: '5$' },
  } as const;
  const service = render(nodeWith({ name: 'api', build }));
  expect(service.build).toEqual({
    context: '../services/api',
    dockerfile: 'Dockerfile',
    target: 'prod',
    args: { PRICE: '5$$' },
  });
  expect(service.pull_policy).toBe('never');
  expect(service).not.toHaveProperty('init');
});

const checked = nodeWith({
  name: 'db',
  endpoints: [endpoint('sql', 'postgres', 5432)],
  health: healthWith({ kind: 'postgres', endpoint: 'sql', user: asValue('u$') }),
});
const dependencyOn = (other: MeshNode, condition: 'ready' | 'started' | 'completed', fields: Partial<MeshNode> = {}) =>
  render(nodeWith({ name: 'api', needs: [need(other.name, condition)], ...fields }), [other]).depends_on;

test('each need waits for what it names', () => {
  expect(dependencyOn(checked, 'ready')).toEqual({ db: { condition: 'service_healthy' } });
  expect(dependencyOn(checked, 'started')).toEqual({ db: { condition: 'service_started' } });
  expect(dependencyOn(checked, 'completed')).toEqual({ db: { condition: 'service_completed_successfully' } });
});

test('a job is ready when it is done', () => {
  const job = nodeWith({ name: 'seed', job: true, health: healthWith({ kind: 'completed' }) });
  expect(dependencyOn(job, 'ready')).toEqual({ seed: { condition: 'service_completed_successfully' } });
});

test('readiness that Compose cannot see is no condition for it', () => {
  const logger = nodeWith({ name: 'logger', health: healthWith({ kind: 'log', pattern: 'up' }) });
  expect(dependencyOn(logger, 'ready')).toEqual({ logger: { condition: 'service_started' } });
});

test('a need waits for every replica', () => {
  expect(dependencyOn({ ...checked, replicas: 3 }, 'ready')).toEqual({
    db: { condition: 'service_healthy' },
    'db-2': { condition: 'service_healthy' },
    'db-3': { condition: 'service_healthy' },
  });
});

test('a need on a node whose profile may be off is not required', () => {
  const optional = { ...checked, profiles: ['tools'] };
  expect(dependencyOn(optional, 'ready')).toEqual({ db: { condition: 'service_healthy', required: false } });
  expect(dependencyOn(optional, 'ready', { profiles: ['tools'] })).toEqual({ db: { condition: 'service_healthy' } });
  expect(dependencyOn(optional, 'ready', { profiles: ['tools', 'more'] })).toHaveProperty('db.required', false);
});

test('a health check of the manifest replaces the derived one', () => {
  const withOwn = (container: readonly string[]) =>
    render({ ...checked, health: { ...checked.health, container } }).healthcheck?.test;
  expect(withOwn(['healthy', '--now'])).toEqual(['CMD', 'healthy', '--now']);
  expect(withOwn(['CMD-SHELL', 'healthy | grep ok'])).toEqual(['CMD-SHELL', 'healthy | grep ok']);
});

test('what Compose interpolates in a health check is escaped too', () => {
  expect(render(checked).healthcheck?.test).toContain('u$$');
});
