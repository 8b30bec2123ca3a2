import { expect, test } from 'vitest';
import { kubernetesProblems } from '../../../support/kubernetes-schema.ts';
import { AT, asValue, endpoint, healthWith, meshWith, nodeWith, secret, settings, text } from '../mesh-builder.ts';
import { toskameshLike } from '../toskamesh.ts';
import { kubernetesObjects, objectOf } from './render.ts';

test('Kubernetes 1.34 accepts every object of a mesh like ToskaMesh', async () => {
  expect(await kubernetesProblems(kubernetesObjects(toskameshLike()))).toEqual([]);
});

test('and every object of a mesh that uses all that a manifest can say', async () => {
  expect(await kubernetesProblems(kubernetesObjects(everything()))).toEqual([]);
});

test('a value of the wrong type and a field that does not exist would be found', async () => {
  const deployment = objectOf(toskameshLike(), 'Deployment gateway');
  const broken = structuredClone(deployment);
  broken.spec.replicas = 'three';
  broken.spec.template.spec.containers[0].imagePullPolicies = 'Never';
  const problems = await kubernetesProblems([broken]);
  expect(problems).toContainEqual(expect.stringContaining('Deployment gateway: data/spec/replicas must be integer'));
  expect(problems).toContainEqual(expect.stringContaining('imagePullPolicies"\' does not exist'));
});

function everything() {
  const everyKind = [
    nodeWith({
      name: 'web',
      build: { kind: 'node', context: 'web', entry: 'main.js', baseImage: 'node:22' },
      entrypoint: ['node'],
      command: ['main.js', '$(NOT_A_VARIABLE)'],
      endpoints: [
        endpoint('http', 'http', 80),
        endpoint('a-very-long-name-of-an-endpoint', 'h2c', 9000),
        endpoint('same-port', 'tcp', 80),
        endpoint('metrics', 'udp', 9000),
      ],
      replicas: 3,
      env: settings({ PLAIN: 'yes', TOKEN: secret('token'), FROM_ENV: { kind: 'variable', name: 'HOME_PAGE' } }),
      files: [
        { path: '/etc/web/app.conf', content: asValue('a: 1\n'), at: AT },
        { path: '/etc/web/token.conf', content: [text('token='), secret('token')], at: AT },
      ],
      health: healthWith(
        { kind: 'grpc', endpoint: 'a-very-long-name-of-an-endpoint', service: 'web.Health' },
        { live: { kind: 'exec', command: ['true'] }, readyDelayMs: 1500, liveEveryMs: 500 },
      ),
      resources: { requests: { cpu: '100m' }, limits: { memory: '1Gi' } },
      kubernetes: { service: 'LoadBalancer' },
      user: '1001:1002',
    }),
    nodeWith({ name: 'worker', image: 'worker', user: 'root', volumes: [{ name: 'work', path: '/work' }] }),
    nodeWith({ name: 'migrate', job: true, health: healthWith({ kind: 'completed' }) }),
  ];
  return meshWith({ nodes: everyKind, secrets: [{ name: 'token', variable: 'TOKEN', minLength: 40, at: AT }] });
}
