import { expect, test } from 'vitest';
import type { ConfigFile } from '../../../../src/mesh/mesh.ts';
import { AT, address, asValue, endpoint, meshWith, nodeWith, secret, settings, text } from '../mesh-builder.ts';
import { kubernetesObjects, objectOf } from './render.ts';

const SECRETS = [{ name: 'password', variable: 'PASSWORD', minLength: 0, fallback: 'guest', at: AT }];

test('settings that hold a secret are whole in the Secret, with the name of its variable in its place', () => {
  const env = settings({ LEVEL: 'on', URL: [text('amqp://me:'), secret('password'), text('@bus')] });
  const mesh = meshWith({ nodes: [nodeWith({ name: 'api', env })], secrets: SECRETS });
  expect(objectOf(mesh, 'ConfigMap api-config').data).toEqual({ LEVEL: 'on' });
  expect(objectOf(mesh, 'Secret api-secret').stringData).toEqual({ URL: 'amqp://me:${PASSWORD}@bus' });
});

test('without settings there is neither', () => {
  const mesh = meshWith({ nodes: [nodeWith({ name: 'api' })] });
  expect(kubernetesObjects(mesh).map(({ kind }) => kind)).toEqual(['Deployment']);
});

test('a variable has its default, or its name where there is none', () => {
  const env = settings({ A: { kind: 'variable', name: 'A', fallback: 'a' }, B: { kind: 'variable', name: 'B' } });
  const mesh = meshWith({ nodes: [nodeWith({ name: 'api', env })] });
  expect(objectOf(mesh, 'ConfigMap api-config').data).toEqual({ A: 'a', B: '${B}' });
});

test('addresses are those of Services, and of servers outside of the cluster', () => {
  const bus = nodeWith({
    name: 'bus',
    kind: 'infrastructure',
    endpoints: [endpoint('amqp', 'amqp', 5672, 15000), endpoint('ui', 'http', 15672)],
  });
  const env = settings({
    BUS: address('bus', 'amqp'),
    UI: address('bus', 'ui', 'address'),
    HOST: address('bus', 'amqp', 'host'),
  });
  const api = nodeWith({ name: 'api', env });
  expect(objectOf(meshWith({ nodes: [bus, api] }), 'ConfigMap api-config').data).toEqual({
    BUS: 'amqp://bus:5672',
    UI: 'bus:15672',
    HOST: 'bus',
  });
  const external = { ...bus, kubernetes: { ...bus.kubernetes, external: { host: 'mq.example.com', port: 5671 } } };
  const mesh = meshWith({ nodes: [external, api] });
  expect(objectOf(mesh, 'ConfigMap api-config').data).toEqual({
    BUS: 'amqp://mq.example.com:5671',
    UI: 'mq.example.com:15672',
    HOST: 'mq.example.com',
  });
  expect(kubernetesObjects(mesh).filter(({ metadata }) => metadata.name === 'bus')).toEqual([]);
});

test('files are mounted one by one, from the Secret where they hold a secret', () => {
  const files: ConfigFile[] = [
    { path: '/etc/a/app.conf', content: asValue('plain\n'), at: AT },
    { path: '/etc/b/app.conf', content: [text('password='), secret('password')], at: AT },
  ];
  const mesh = meshWith({ nodes: [nodeWith({ name: 'api', files })], secrets: SECRETS });
  expect(objectOf(mesh, 'ConfigMap api-files').data).toEqual({ 'app.conf': 'plain\n' });
  expect(objectOf(mesh, 'Secret api-files').stringData).toEqual({ '2-app.conf': 'password=${PASSWORD}' });
  const pod = objectOf(mesh, 'Deployment api').spec.template.spec;
  expect(pod.containers[0].envFrom).toBeUndefined();
  expect(pod.containers[0].volumeMounts).toEqual([
    { name: 'mesh-files', mountPath: '/etc/a/app.conf', subPath: 'app.conf', readOnly: true },
    { name: 'mesh-secret-files', mountPath: '/etc/b/app.conf', subPath: '2-app.conf', readOnly: true },
  ]);
  expect(pod.volumes).toEqual([
    { name: 'mesh-files', configMap: { name: 'api-files' } },
    { name: 'mesh-secret-files', secret: { secretName: 'api-files' } },
  ]);
});

test('a changed setting gives other pods; a changed version of the mesh does not change what selects them', () => {
  const deployment = (level: string, version = '1') =>
    objectOf(
      meshWith({ version, nodes: [nodeWith({ name: 'api', env: settings({ LEVEL: level }) })] }),
      'Deployment api',
    );
  const annotations = (level: string) => deployment(level).spec.template.metadata.annotations;
  expect(annotations('a')).not.toEqual(annotations('b'));
  expect(Object.keys(annotations('a'))).toEqual(['checksum/config']);
  expect(deployment('a', '2').spec.selector).toEqual(deployment('a').spec.selector);
});
