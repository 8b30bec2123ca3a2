import { chmodSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { findBuildSecrets } from '../../../src/build/build-secrets.ts';
import type { Build } from '../../../src/mesh/build.ts';
import { AT, meshWith, nodeWith } from '../render/mesh-builder.ts';
import { createTemporaryFolder, type TemporaryFolder } from '../temporary-folder.ts';

const builds = {
  node: { kind: 'node', context: 'a', entry: 'a.js', baseImage: 'node:22' },
  dotnet: { kind: 'dotnet', project: 'P', assembly: 'P', context: '.', sdkImage: 's', runtimeImage: 'r' },
  own: { kind: 'dockerfile', dockerfile: 'Dockerfile', context: '.', args: {}, secrets: ['feed'] },
  trusting: { kind: 'dockerfile', dockerfile: 'Dockerfile', context: '.', args: {}, trust: 'host' },
  strict: { kind: 'node', context: 'a', entry: 'a.js', baseImage: 'node:22', trust: 'none' },
} as const satisfies Record<string, Build>;

const mesh = meshWith({
  nodes: Object.entries(builds).map(([name, build]) => nodeWith({ name, build })),
  secrets: [{ name: 'feed', variable: 'MESH_SECRET_FEED', minLength: 0, at: AT }],
});

/** A machine with an npm that says which registry it would use. */
async function find(folder: TemporaryFolder, registry: string, env: NodeJS.ProcessEnv = {}) {
  chmodSync(folder.write('bin/npm', `#!/bin/sh\necho ${registry}\n`), 0o755);
  return await findBuildSecrets({
    ...{ mesh, nodes: Object.keys(builds), home: folder.path, signal: new AbortController().signal },
    env: { PATH: `${path.join(folder.path, 'bin')}:${process.env.PATH}`, ...env },
    secret: (name) => `value of ${name}`,
  });
}

test('each kind of build gets what it needs, and an own Dockerfile what it asks for', async () => {
  using folder = createTemporaryFolder();
  const ca = folder.write('ca.pem', 'ca');
  const nuget = folder.write('.nuget/NuGet/NuGet.Config', '<configuration />');
  folder.write('.npmrc', '//npm.example.com/:_authToken=${NPM_TOKEN}\n');
  const env = { NODE_EXTRA_CA_CERTS: ca, NPM_TOKEN: 'npm-token-1' };
  const secrets = await find(folder, 'https://npm.example.com/', env);
  const idsOf = (build: Build) => secrets.of(build).map(({ id }) => id);
  expect(Object.fromEntries(Object.entries(builds).map(([name, build]) => [name, idsOf(build)]))).toEqual({
    node: ['npmrc', 'ca'],
    dotnet: ['nuget', 'ca'],
    own: ['feed'],
    trusting: ['ca'],
    strict: ['npmrc'],
  });
  expect(secrets.env).toEqual({
    MESH_BUILD_NPMRC: '//npm.example.com/:_authToken=npm-token-1\nregistry=https://npm.example.com/\n',
    MESH_SECRET_FEED: 'value of feed',
  });
  expect(secrets.files).toEqual([ca, nuget]);
  expect(secrets.tokens).toEqual(['npm-token-1']);
});

test('on a machine with nothing of its own there is nothing to hand over', async () => {
  using folder = createTemporaryFolder();
  const secrets = await find(folder, 'https://registry.npmjs.org/');
  expect(secrets.of(builds.node)).toEqual([]);
  expect(secrets.env).toEqual({ MESH_SECRET_FEED: 'value of feed' });
});
