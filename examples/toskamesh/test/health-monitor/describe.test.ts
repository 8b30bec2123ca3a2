import { expect, it } from 'vitest';
import { describeMesh, meshStatus, serviceStatus } from '../../src/health-monitor/describe.ts';
import { after } from './instances.ts';

it.each([
  ['healthy', ['healthy', 'healthy', 'gone']],
  ['degraded', ['healthy', 'unhealthy']],
  ['degraded', ['degraded']],
  ['unhealthy', ['unhealthy', 'unknown']],
  ['unknown', ['unknown']],
  ['gone', ['gone', 'gone']],
] as const)('a service is %s with %j', (expected, statuses) => {
  expect(serviceStatus(statuses)).toBe(expected);
});

it.each([
  ['unknown', []],
  ['healthy', ['healthy', 'healthy']],
  ['unknown', ['healthy', 'unknown']],
  ['unhealthy', ['gone', 'unhealthy', 'degraded']],
  ['gone', ['gone', 'degraded', 'healthy']],
] as const)('a mesh is %s with %j', (expected, statuses) => {
  expect(meshStatus(statuses)).toBe(expected);
});

it('counts, groups and tells the last changes of all', () => {
  const mesh = describeMesh([after([undefined]), after([undefined, 'HTTP 500'], { id: 'config-2' })]);
  expect(mesh).toMatchObject({
    status: 'degraded',
    counts: { healthy: 1, degraded: 1 },
    services: [{ service: 'config-service', status: 'degraded' }],
  });
  expect(mesh.changes.map(({ id, to }) => `${id} ${to}`)).toEqual([
    'config-2 degraded',
    'config-1 healthy',
    'config-2 healthy',
  ]);
});
