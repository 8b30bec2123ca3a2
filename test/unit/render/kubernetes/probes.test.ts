import { describe, expect, test } from 'vitest';
import type { Check, Health } from '../../../../src/mesh/mesh.ts';
import { renderProbes } from '../../../../src/render/kubernetes/probes.ts';
import { endpoint, healthWith, nodeWith } from '../mesh-builder.ts';

const ENDPOINTS = [endpoint('http', 'http', 8080), endpoint('grpc', 'h2c', 9000), endpoint('tcp', 'tcp', 7000)];

const probesOf = (ready: Check, fields: Partial<Health> = {}) =>
  renderProbes(nodeWith({ name: 'api', endpoints: ENDPOINTS, health: healthWith(ready, fields) }));

describe('a readiness check becomes what the kubelet can ask', () => {
  const tcp = { tcpSocket: { port: 'tcp' } };
  test.each<[string, Check, object | undefined]>([
    ['http', { kind: 'http', endpoint: 'http', path: '/ready' }, { httpGet: { path: '/ready', port: 'http' } }],
    [
      'an http status that it would call a failure',
      { kind: 'http', endpoint: 'http', path: '/', status: 401 },
      { tcpSocket: { port: 'http' } },
    ],
    ['grpc', { kind: 'grpc', endpoint: 'grpc', service: '' }, { grpc: { port: 9000 } }],
    ['grpc of a service', { kind: 'grpc', endpoint: 'grpc', service: 'a.B' }, { grpc: { port: 9000, service: 'a.B' } }],
    ['exec', { kind: 'exec', command: ['ok'] }, { exec: { command: ['ok'] } }],
    ['tcp', { kind: 'tcp', endpoint: 'tcp' }, tcp],
    ['postgres', { kind: 'postgres', endpoint: 'tcp' }, tcp],
    ['redis', { kind: 'redis', endpoint: 'tcp' }, tcp],
    ['amqp', { kind: 'amqp', endpoint: 'tcp' }, tcp],
    ['consul', { kind: 'consul', endpoint: 'tcp' }, tcp],
    ['log', { kind: 'log', pattern: 'up' }, undefined],
    ['completed', { kind: 'completed' }, undefined],
    ['running', { kind: 'running' }, undefined],
  ])('%s', (_, check, action) => {
    const probe = action && { ...action, periodSeconds: 5, timeoutSeconds: 5 };
    expect(probesOf(check).readinessProbe).toEqual(probe);
  });
});

const CHECK: Check = { kind: 'tcp', endpoint: 'tcp' };

test('times are whole seconds, and never less than one', () => {
  const { readinessProbe } = probesOf(CHECK, { readyDelayMs: 1500, readyEveryMs: 200 });
  expect(readinessProbe).toMatchObject({ initialDelaySeconds: 2, periodSeconds: 1 });
});

test('without a liveness check there is no probe that ends a container', () => {
  expect(Object.keys(probesOf(CHECK, { withinMs: 600_000 }))).toEqual(['readinessProbe']);
});

describe('a start-up probe', () => {
  const live = { live: CHECK, liveDelayMs: 10_000, liveEveryMs: 10_000 };

  test('holds the liveness probe back while the node may still be starting', () => {
    const { startupProbe } = probesOf(CHECK, { ...live, withinMs: 61_000, readyEveryMs: 5000 });
    expect(startupProbe).toEqual({
      tcpSocket: { port: 'tcp' },
      periodSeconds: 5,
      timeoutSeconds: 5,
      failureThreshold: 13,
    });
  });

  test('is not needed where liveness leaves that time anyway: its delay and three failures', () => {
    expect(probesOf(CHECK, { ...live, withinMs: 40_000 }).startupProbe).toBeUndefined();
    expect(probesOf(CHECK, { ...live, withinMs: 40_001 }).startupProbe).toBeDefined();
  });
});
