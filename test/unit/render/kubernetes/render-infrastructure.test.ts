import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { Mesh, MeshNode } from '../../../../src/mesh/mesh.ts';
import { filledWith } from '../../../../src/render/kubernetes/fill.ts';
import { renderKubernetesInfrastructure } from '../../../../src/render/kubernetes/render-infrastructure.ts';
import { renderKubernetesServices } from '../../../../src/render/kubernetes/render-services.ts';
import { AT, endpoint, meshWith, nodeWith, secret, settings } from '../mesh-builder.ts';
import { toskameshLike } from '../toskamesh.ts';
import { kubernetesFiles, objectOf, parseObjects } from './render.ts';

const server = (fields: Partial<MeshNode> & { readonly name: string }) =>
  nodeWith({ kind: 'infrastructure', tier: 'infrastructure', ...fields });

const withSecret = (minLength: number): Mesh =>
  meshWith({
    nodes: [
      server({ name: 'db', env: settings({ PASSWORD: secret('key') }) }),
      nodeWith({ name: 'api', env: settings({ KEY: secret('key'), NAME: 'api' }) }),
    ],
    secrets: [{ name: 'key', variable: 'KEY', minLength, at: AT }],
  });

test('a server is one file with all of its objects', () => {
  const files = renderKubernetesInfrastructure(toskameshLike());
  expect(files.map(({ path }) => path)).toEqual([
    'k8s/infra/postgres.yaml',
    'k8s/infra/consul.yaml',
    'k8s/infra/rabbitmq.yaml',
    'k8s/infra/redis.yaml',
    'k8s/infra/prometheus.yaml',
    'k8s/infra/kustomization.yaml',
    'k8s/local/kustomization.yaml',
  ]);
  const kinds = files
    .filter(({ path }) => !path.endsWith('kustomization.yaml'))
    .map((file) =>
      parseObjects(file)
        .map(({ kind }) => kind)
        .join(' '),
    );
  expect(kinds).toEqual([
    'ConfigMap Secret Service StatefulSet',
    'Service Deployment',
    'ConfigMap Secret Service StatefulSet',
    'Service Deployment',
    'ConfigMap Service Deployment',
  ]);
});

test('postgres keeps its data in a folder of the volume that is its own', () => {
  const [container] = objectOf(toskameshLike(), 'StatefulSet postgres').spec.template.spec.containers;
  expect(container.env).toEqual([{ name: 'PGDATA', value: '/var/lib/postgresql/data/pgdata' }]);
  expect(container.volumeMounts).toEqual([{ name: 'postgres-data', mountPath: '/var/lib/postgresql/data' }]);
});

test('unless the manifest says where', () => {
  const db = server({ name: 'db', image: 'postgres:17', env: settings({ PGDATA: '/data' }) });
  const [container] = objectOf(meshWith({ nodes: [db] }), 'Deployment db').spec.template.spec.containers;
  expect(container.env).toBeUndefined();
});

test('a server without a volume writes to one that ends with its pod, and is never there twice', () => {
  const { spec } = objectOf(toskameshLike(), 'Deployment prometheus');
  expect(spec.strategy).toEqual({ type: 'Recreate' });
  expect(spec.template.spec.volumes).toContainEqual({ name: 'mesh-data', emptyDir: {} });
  expect(spec.template.spec.containers[0].volumeMounts[0]).toEqual({ name: 'mesh-data', mountPath: '/prometheus' });
});

test('no server takes the name of a file that means something else', () => {
  const nodes = [server({ name: 'kustomization' }), nodeWith({ name: 'infra' }), server({ name: 'deployment' })];
  const files = kubernetesFiles(meshWith({ nodes }));
  expect(Object.keys(files)).toEqual(
    expect.arrayContaining([
      'k8s/infra/deployment.yaml',
      'k8s/infra/server-deployment.yaml',
      'k8s/infra/server-kustomization.yaml',
    ]),
  );
});

test('with all servers outside of the cluster, the services are all there is', () => {
  const db = server({
    name: 'db',
    endpoints: [endpoint('sql', 'postgres', 5432)],
    kubernetes: { service: 'ClusterIP', external: { host: 'db.example.com' } },
  });
  const files = kubernetesFiles(meshWith({ nodes: [db, nodeWith({ name: 'api' })] }));
  expect(Object.keys(files).filter((path) => path.startsWith('k8s/infra'))).toEqual([]);
  expect(parse(files['k8s/local/kustomization.yaml'] ?? '').resources).toEqual(['../api']);
});

describe('k8s/local', () => {
  const local = (mesh: Mesh) => parse(kubernetesFiles(mesh)['k8s/local/kustomization.yaml'] ?? '');

  test('is the infrastructure and every service', () => {
    expect(local(withSecret(0))).toEqual({
      apiVersion: 'kustomize.config.k8s.io/v1beta1',
      kind: 'Kustomization',
      resources: ['../infra', '../api'],
    });
  });

  test('makes placeholders that a service would refuse long enough, the same in every place', () => {
    const patches: { patch: string }[] = local(withSecret(16)).patches;
    expect(patches.map(({ patch }) => parse(patch))).toEqual([
      {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'db-secret' },
        stringData: { PASSWORD: '${KEY}-local-local' },
      },
      { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'api-secret' }, stringData: { KEY: '${KEY}-local-local' } },
    ]);
  });
});

test('values can stand in the place of placeholders; then pods differ, and no comment speaks of placeholders', () => {
  const mesh = withSecret(0);
  const filled = renderKubernetesServices(mesh, filledWith(new Map([['key', 'a $& "b"']]), {}));
  const file = filled.find(({ path }) => path === 'k8s/api/secret.yaml');
  expect(file === undefined ? [] : parseObjects(file)).toMatchObject([{ stringData: { KEY: 'a $& "b"' } }]);
  expect(file?.text).not.toContain('Placeholder');
  expect(kubernetesFiles(mesh)['k8s/api/secret.yaml']).toContain('# Placeholders.');
  const deployment = filled.find(({ path }) => path === 'k8s/api/deployment.yaml');
  expect(deployment?.text).not.toBe(kubernetesFiles(mesh)['k8s/api/deployment.yaml']);
});
