import { expect, test } from 'vitest';
import { allowedPaths, bakeDefinition, type TargetSettings } from '../../../src/build/bake-definition.ts';
import { meshWith, nodeWith } from '../render/mesh-builder.ts';

const PLAIN: TargetSettings = {
  ...{
    tags: ['api'],
    labels: {},
    args: {},
    secrets: [],
    platforms: [],
    cacheFrom: [],
    cacheTo: [],
    outputs: [],
    attest: [],
  },
};

const mesh = meshWith({
  nodes: [
    nodeWith({
      name: 'api',
      build: { kind: 'node', context: 'apps/api', entry: 'a.js', baseImage: 'node:22', workspace: 'apps' },
    }),
    nodeWith({
      name: 'own',
      build: {
        kind: 'dockerfile',
        dockerfile: 'own/Dockerfile',
        context: '../shared',
        target: 'final',
        args: { A: '${B} %{x}' },
      },
    }),
  ],
});

test('the definition says everything that was asked for, and nothing else', () => {
  const definition = bakeDefinition(mesh, ['api', 'own'], (node) =>
    node === 'own'
      ? { ...PLAIN, tags: ['own'] }
      : {
          tags: ['api', 'ghcr.io/acme/api:1'],
          labels: { 'dev.mesh.inputs': 'abc' },
          args: { NUGET_CERT_REVOCATION_MODE: 'offline' },
          secrets: [
            { id: 'ca', from: { kind: 'file', path: '/etc/a,b.pem' } },
            { id: 'npmrc', from: { kind: 'variable', name: 'MESH_BUILD_NPMRC' } },
          ],
          platforms: ['linux/amd64', 'linux/arm64'],
          cacheFrom: ['type=gha,scope=api'],
          cacheTo: ['type=local,dest=/var/cache/api'],
          outputs: ['type=registry'],
          attest: ['type=sbom'],
        },
  );
  expect(JSON.stringify(definition, null, 1)).toMatchInlineSnapshot(`
    "{
     "group": {
      "default": {
       "targets": [
        "api",
        "own"
       ]
      }
     },
     "target": {
      "api": {
       "context": "/home/me/shop/apps",
       "dockerfile": "/home/me/shop/dockerfiles/Dockerfile.Api",
       "tags": [
        "api",
        "ghcr.io/acme/api:1"
       ],
       "args": {
        "NUGET_CERT_REVOCATION_MODE": "offline"
       },
       "labels": {
        "dev.mesh.inputs": "abc"
       },
       "secret": [
        "type=file,id=ca,\\"src=/etc/a,b.pem\\"",
        "type=env,id=npmrc,env=MESH_BUILD_NPMRC"
       ],
       "platforms": [
        "linux/amd64",
        "linux/arm64"
       ],
       "cache-from": [
        "type=gha,scope=api"
       ],
       "cache-to": [
        "type=local,dest=/var/cache/api"
       ],
       "output": [
        "type=registry"
       ],
       "attest": [
        "type=sbom"
       ]
      },
      "own": {
       "context": "/home/me/shared",
       "dockerfile": "/home/me/shop/own/Dockerfile",
       "tags": [
        "own"
       ],
       "target": "final",
       "args": {
        "A": "$\${B} %%{x}"
       }
      }
     }
    }"
  `);
  expect(allowedPaths(definition, '/home/me/shop', ['/etc/a,b.pem', '/home/me/shop/in.pem'])).toMatchInlineSnapshot(`
    [
      "fs.read=/home/me/shared",
      "fs.read=/etc/a,b.pem",
      "fs.write=/var/cache/api",
    ]
  `);
});
