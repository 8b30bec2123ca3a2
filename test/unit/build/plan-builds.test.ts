import { chmodSync, mkdirSync, renameSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { INPUTS_LABEL } from '../../../src/build/build-inputs.ts';
import { openFileDigests } from '../../../src/build/file-digests.ts';
import { copiesSecrets, type PlannedBuild, planBuilds } from '../../../src/build/plan-builds.ts';
import type { ImageFacts } from '../../../src/engine/docker/image-store.ts';
import { type Clock, systemClock } from '../../../src/time/clock.ts';
import { meshWith, nodeWith } from '../render/mesh-builder.ts';
import { createTemporaryFolder, type TemporaryFolder } from '../temporary-folder.ts';

const DOCKERFILE = 'FROM base:1\nCOPY src /app\nCOPY package*.json /app/\n';

/** A project with one service, and whatever images a test says there are. */
function openBench(folder: TemporaryFolder) {
  folder.write('api/Dockerfile', DOCKERFILE);
  folder.write('api/src/a.ts', 'a');
  folder.write('api/package.json', '{}');
  const build = { kind: 'dockerfile', dockerfile: 'api/Dockerfile', context: 'api', args: { MODE: 'a' } } as const;
  const images = new Map<string, ImageFacts>();
  const state = {
    ...{ build, images, clock: systemClock as Clock, platforms: [] as string[], attest: [] as string[] },
    ...{ names: ['api'], missingNames: 'build' as 'build' | 'add' },
  };
  const plan = async (): Promise<PlannedBuild> => {
    const mesh = meshWith({ root: folder.path, nodes: [nodeWith({ name: 'api', image: 'api', build: state.build })] });
    const [planned] = await planBuilds({
      ...{ ...state, mesh, nodes: ['api'], names: () => state.names },
      images: { inspect: async () => state.images },
      digests: openFileDigests(folder.path, state.clock),
    });
    if (planned === undefined) throw new Error('nothing was planned');
    return planned;
  };
  const hash = async () => (await plan()).hash ?? '';
  return { state, plan, hash };
}

const image = (labels: Record<string, string>, id = 'sha256:1'): ImageFacts => ({
  ...{ id, labels, user: '', exposed: [], entrypoint: [], command: [], hasTriggers: false },
});

describe('the hash of the inputs', () => {
  test('changes with whatever the image is made from', async () => {
    using folder = createTemporaryFolder();
    const { state, hash } = openBench(folder);
    const seen = [await hash()];
    const expectNew = async () => {
      const next = await hash();
      expect(seen).not.toContain(next);
      seen.push(next);
    };
    folder.write('api/src/a.ts', 'b');
    await expectNew();
    folder.write('api/src/deep/b.ts', '');
    await expectNew();
    renameSync(path.join(folder.path, 'api/src/deep/b.ts'), path.join(folder.path, 'api/src/deep/c.ts'));
    await expectNew();
    chmodSync(path.join(folder.path, 'api/src/a.ts'), 0o755);
    await expectNew();
    symlinkSync('a.ts', path.join(folder.path, 'api/src/link'));
    await expectNew();
    mkdirSync(path.join(folder.path, 'api/src/empty'));
    await expectNew();
    folder.write('api/package-lock.json', '{}');
    await expectNew();
    folder.write('api/Dockerfile', `${DOCKERFILE}ENV A=1\n`);
    await expectNew();
    state.build = { ...state.build, args: { MODE: 'b' } } as unknown as typeof state.build;
    await expectNew();
    state.images.set('base:1', image({}));
    await expectNew();
    state.images.set('base:1', image({}, 'sha256:2'));
    await expectNew();
    state.platforms.push('linux/arm64');
    await expectNew();
    state.attest.push('type=sbom');
    await expectNew();
  });

  test('stays the same for everything else', async () => {
    using folder = createTemporaryFolder();
    const { hash } = openBench(folder);
    const first = await hash();
    folder.write('api/README.md', 'not copied');
    folder.write('api/.mesh/run.json', '{}');
    folder.write('other/src/a.ts', 'of another service');
    utimesSync(path.join(folder.path, 'api/src/a.ts'), new Date(0), new Date(0));
    expect(await hash()).toBe(first);
  });

  test('is of all the context when the base image has triggers', async () => {
    using folder = createTemporaryFolder();
    const { state, hash } = openBench(folder);
    state.images.set('base:1', { ...image({}), hasTriggers: true });
    const first = await hash();
    folder.write('api/README.md', 'copied by ONBUILD');
    expect(await hash()).not.toBe(first);
  });

  test('leaves out what .dockerignore leaves out; that of the Dockerfile wins', async () => {
    using folder = createTemporaryFolder();
    const { hash } = openBench(folder);
    const first = await hash();
    folder.write('api/src/a.test.ts', 'test');
    expect(await hash()).not.toBe(first);
    folder.write('api/.dockerignore', '**/*.test.ts\n');
    expect(await hash()).toBe(first);
    folder.write('api/Dockerfile.dockerignore', 'nothing\n');
    expect(await hash()).not.toBe(first);
  });
});

describe('digests of files', () => {
  test('are kept while a file looks the same, but not of one that changed just now', async () => {
    using folder = createTemporaryFolder();
    const { state, hash } = openBench(folder);
    const later: Clock = { ...systemClock, date: () => new Date(Date.now() + 60_000) };
    const file = path.join(folder.path, 'api/src/a.ts');
    const first = await hash();
    // The file system may give both the same time; what was hashed now is not trusted.
    writeFileSync(file, 'b');
    expect(await hash()).not.toBe(first);
    state.clock = later;
    const second = await hash();
    expect(await hash()).toBe(second);
    writeFileSync(file, 'c');
    expect(await hash()).not.toBe(second);
  });
});

describe('a build is due', () => {
  test('unless an image of the same inputs is there', async () => {
    using folder = createTemporaryFolder();
    const { state, plan, hash } = openBench(folder);
    expect(await plan()).toMatchObject({ upToDate: false, because: 'there is no image that mesh built' });
    state.images.set('api', image({ [INPUTS_LABEL]: await hash() }));
    expect(await plan()).toMatchObject({ upToDate: true, because: 'up to date' });
    folder.write('api/src/a.ts', 'changed');
    expect(await plan()).toMatchObject({ upToDate: false, because: 'its inputs changed' });
  });

  test('unless it only lacks a name that it can be given', async () => {
    using folder = createTemporaryFolder();
    const { state, plan, hash } = openBench(folder);
    state.names = ['x/api:abc', 'x/api:main'];
    state.images.set('x/api:main', image({ [INPUTS_LABEL]: await hash() }));
    expect(await plan()).toMatchObject({ upToDate: false });
    state.missingNames = 'add';
    expect(await plan()).toMatchObject({
      ...{ upToDate: true, because: 'up to date as x/api:main' },
      more: { from: 'x/api:main', names: ['x/api:abc'] },
    });
    // Another image has the name so far.
    state.images.set('x/api:abc', image({ [INPUTS_LABEL]: 'other' }));
    expect((await plan()).more?.names).toEqual(['x/api:abc']);
    folder.write('api/src/a.ts', 'changed');
    expect(await plan()).toMatchObject({ upToDate: false, because: 'its inputs changed' });
  });

  test('always when nobody can tell', async () => {
    using folder = createTemporaryFolder();
    const { state, plan } = openBench(folder);
    folder.write('api/Dockerfile', 'FROM base:1\nADD https://example.com/x /x\n');
    state.images.set('api', image({ [INPUTS_LABEL]: (await plan()).hash ?? '' }));
    expect(await plan()).toMatchObject({
      upToDate: false,
      because: 'its Dockerfile adds something from the network',
    });
  });
});

test('a Dockerfile that copies the whole project copies secrets, unless they are ignored', () => {
  using folder = createTemporaryFolder();
  const build = { kind: 'dockerfile', dockerfile: 'Dockerfile', context: '.', args: {} } as const;
  const mesh = meshWith({ root: folder.path, nodes: [nodeWith({ name: 'api', build })] });
  folder.write('Dockerfile', 'FROM x\nCOPY . .\n');
  expect(copiesSecrets(mesh, 'api')).toBe(true);
  folder.write('.dockerignore', '.mesh\n');
  expect(copiesSecrets(mesh, 'api')).toBe(false);
  folder.write('.dockerignore', '');
  folder.write('Dockerfile', 'FROM x\nCOPY src .\n');
  expect(copiesSecrets(mesh, 'api')).toBe(false);
});
