import { describe, expect, test } from 'vitest';
import type { MeshNode } from '../../../../src/mesh/mesh.ts';
import { containerSecurity, podSecurity } from '../../../../src/render/kubernetes/security.ts';
import { endpoint, nodeWith } from '../mesh-builder.ts';

const built = (fields: Partial<MeshNode> = {}) =>
  nodeWith({ name: 'api', build: { kind: 'node', context: '.', entry: 'a.js', baseImage: 'node:22' }, ...fields });

const SECCOMP = { seccompProfile: { type: 'RuntimeDefault' } };

describe('an image that mesh builds', () => {
  test('runs as the user of its Dockerfile, and can change nothing', () => {
    expect(podSecurity(built())).toEqual({ runAsNonRoot: true, runAsUser: 1000, runAsGroup: 1000, ...SECCOMP });
    expect(containerSecurity(built())).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
  });

  test('may listen on a low port all the same', () => {
    expect(podSecurity(built({ endpoints: [endpoint('http', 'http', 80)] })).sysctls).toEqual([
      { name: 'net.ipv4.ip_unprivileged_port_start', value: '0' },
    ]);
  });

  test('owns its volumes', () => {
    const node = built({ volumes: [{ name: 'data', path: '/data' }] });
    expect(podSecurity(node)).toMatchObject({ fsGroup: 1000, fsGroupChangePolicy: 'OnRootMismatch' });
  });
});

describe('an image of others', () => {
  test.each([
    ['postgres:15-alpine', 70, 70],
    ['postgres:15', 999, 999],
    ['docker.io/library/postgres:16-alpine@sha256:abc', 70, 70],
    ['mirror.example:5000/library/redis', 999, 999],
    ['redis:7-alpine', 999, 1000],
    ['rabbitmq:3.12-management-alpine', 100, 101],
    ['hashicorp/consul:1.16', 100, 1000],
    ['prom/prometheus', 65534, 65534],
    ['quay.io/prometheus/prometheus:v3', 65534, 65534],
    ['grafana/grafana', 472, 0],
  ])('%s runs as its own user', (image, user, group) => {
    const node = nodeWith({ name: 'server', image });
    expect(podSecurity(node)).toMatchObject({
      runAsNonRoot: true,
      runAsUser: user,
      runAsGroup: group,
      fsGroup: group,
    });
    expect(containerSecurity(node)).toEqual({ allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } });
  });

  test.each(['bitnami/redis:7', 'example.com/postgres/postgres', 'constructor'])(
    'of %s nothing is known, so it keeps the user that it has',
    (image) => {
      const node = nodeWith({ name: 'server', image });
      expect(podSecurity(node)).toEqual(SECCOMP);
      expect(containerSecurity(node)).toEqual({ allowPrivilegeEscalation: false });
    },
  );

  test("what a user's own Dockerfile builds is not known either, whatever it is called", () => {
    const build = { kind: 'dockerfile', dockerfile: 'Dockerfile', context: '.', args: {} } as const;
    expect(podSecurity(nodeWith({ name: 'db', image: 'postgres:15', build }))).toEqual(SECCOMP);
  });
});

test.each([
  ['1001', { runAsNonRoot: true, runAsUser: 1001, runAsGroup: 1001 }],
  ['1001:50', { runAsNonRoot: true, runAsUser: 1001, runAsGroup: 50 }],
  ['root', { runAsUser: 0, runAsGroup: 0 }],
  // Kubernetes cannot tell whether a name is root.
  ['somebody', {}],
])('`user: %s` of the manifest', (user, expected) => {
  expect(podSecurity(nodeWith({ name: 'server', image: 'server', user }))).toEqual({ ...expected, ...SECCOMP });
});
