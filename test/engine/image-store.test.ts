import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { events } from '../support/mesh-cli.ts';
import { openBuildLog } from './support/build-log.ts';
import { docker } from './support/docker.ts';
import { describeEngine } from './support/engine-test.ts';
import { forgetSteps, keepsImagesInContainerd } from './support/image-store.ts';
import { imagePrefix } from './support/images.ts';
import { type TemporaryMesh, temporaryMesh } from './support/temporary-mesh.ts';

const REGISTRY = process.env.MESH_TEST_REGISTRY ?? '';

/** Two services with a step in common. Each step has the prefix in it, so that it can be told from those of others. */
function openServices(prefix: string, steps: readonly string[] = [`RUN mkdir /${prefix}`]): TemporaryMesh {
  const names = ['a', 'b'];
  const blocks = names.map(
    (name) => `  ${name}: { image: ${prefix}-${name}, build: { dockerfile: ${name}/Dockerfile } }\n`,
  );
  const subject = temporaryMesh(`name: store\nservices:\n${blocks.join('')}`);
  for (const name of names) {
    const lines = ['FROM busybox:latest', `LABEL test=${prefix}`, ...steps, `COPY file /${prefix}/`];
    subject.write(`${lines.join('\n')}\n`, `${name}/Dockerfile`);
    subject.write(`${name} ${prefix}`, `${name}/file`);
  }
  return subject;
}

const WISHES: readonly (readonly [wish: string, ...args: readonly string[]])[] = [
  ['--cache-to type=local,dest=/tmp/{service}', '--cache-to', 'type=local,dest=/tmp/{service}'],
  ['several platforms (linux/amd64, linux/arm64)', '--platform', 'linux/amd64,linux/arm64'],
  ['--sbom', '--sbom'],
  ['--provenance', '--provenance'],
];

describeEngine('what the image store of the engine can do', () => {
  if (keepsImagesInContainerd()) roundTrips();
  else refusals();
});

/** The classic stores. */
function refusals(): void {
  it.each(WISHES)('refuses %s before anything is built, and says how to get it', async (wish, ...args) => {
    await using images = imagePrefix();
    await using subject = openServices(images.prefix);
    const result = await subject.run(['build', ...args]);
    expect(result.exitCode).toBe(2);
    expect(result.stderr).toContain(`cannot do ${wish} (MESH2060)\n`);
    expect(result.stderr).toContain('containerd-snapshotter');
    expect(await docker('images', '--quiet', `${images.prefix}-a`)).toBe('');
  });
}

function roundTrips(): void {
  describe('a cache of all steps', () => {
    const places = [
      ['a folder', 'type=local,dest=cache/{service},mode=max', 'type=local,src=cache/{service}'],
      ...(REGISTRY === ''
        ? []
        : [
            [
              'a registry',
              `type=registry,ref=${REGISTRY}/PREFIX/{service},mode=max`,
              `type=registry,ref=${REGISTRY}/PREFIX/{service}`,
            ],
          ]),
    ] as [string, string, string][];
    it.each(places)('in %s spares an empty builder every step', async (_, to, from) => {
      await using images = imagePrefix();
      await using subject = openServices(images.prefix);
      using log = openBuildLog();
      /** The steps that ran. */
      const build = async (...args: readonly string[]): Promise<string[]> => {
        const filled = args.map((arg) => arg.replace('PREFIX', images.prefix));
        const result = await subject.run(['build', '--json', ...filled], { env: log.env });
        expect(result.stderr).toBe('');
        expect(events(result).at(-1)).toMatchObject({ type: 'run:finished', ok: true });
        await docker('rmi', '--force', `${images.prefix}-a`, `${images.prefix}-b`);
        const steps = log.take().filter((step) => /\] (RUN|COPY) /.test(step) && step.includes(images.prefix));
        await forgetSteps(images.prefix);
        return steps;
      };
      const all = [expect.stringContaining('RUN'), expect.stringContaining('COPY'), expect.stringContaining('COPY')];
      expect(await build('--cache-to', to)).toEqual(expect.arrayContaining(all));
      expect(await build()).toEqual(expect.arrayContaining(all));
      expect(await build('--cache-from', from)).toEqual([]);
    });
  });

  describe.skipIf(REGISTRY === '')(`a registry (MESH_TEST_REGISTRY${REGISTRY === '' ? ' is not set' : ''})`, () => {
    const push = (prefix: string) => ['build', '--json', '--push', '--registry', `${REGISTRY}/${prefix}`];
    const inspect = async <T>(prefix: string, template: string): Promise<T> => {
      const name = `${REGISTRY}/${prefix}/${prefix}-a`;
      return JSON.parse(await docker('buildx', 'imagetools', 'inspect', name, '--format', `{{json ${template}}}`)) as T;
    };

    it('gets images of several platforms under one name', async () => {
      await using images = imagePrefix();
      // Nothing runs, since this machine may run programs of one platform only.
      await using subject = openServices(images.prefix, []);
      const result = await subject.run([...push(images.prefix), '--platform', 'linux/amd64,linux/arm64']);
      expect(result.stderr).toBe('');
      const { manifests } = await inspect<{ manifests: { platform: { architecture: string } }[] }>(
        images.prefix,
        '.Manifest',
      );
      const platforms = manifests.map(({ platform }) => platform.architecture).filter((one) => one !== 'unknown');
      expect(platforms.sort()).toEqual(['amd64', 'arm64']);
    });

    it('gets what an image is made of and how it was made, under the digest that the metadata names', async () => {
      await using images = imagePrefix();
      await using subject = openServices(images.prefix);
      const metadata = path.join(subject.folder, 'metadata.json');
      const args = ['--sbom', '--provenance=max', '--metadata', metadata];
      const result = await subject.run([...push(images.prefix), ...args]);
      expect(result.stderr).toBe('');
      expect(await inspect(images.prefix, '.SBOM')).toMatchObject({
        SPDX: { spdxVersion: expect.stringMatching(/^SPDX-/) },
      });
      // The steps themselves are in it with mode=max only.
      expect(JSON.stringify(await inspect(images.prefix, '.Provenance'))).toContain(`"mkdir /${images.prefix}"`);
      const { digest } = await inspect<{ digest: string }>(images.prefix, '.Manifest');
      const told = JSON.parse(readFileSync(metadata, 'utf8')) as Record<string, Record<string, string>>;
      expect(told.a?.['containerimage.digest']).toBe(digest);

      const again = async (...more: readonly string[]) =>
        events(await subject.run([...push(images.prefix), ...more])).flatMap(({ type, upToDate }) =>
          type === 'node:built' ? [upToDate] : [],
        );
      expect(await again(...args)).toEqual([true, true]);
      // Another image: nothing is attached to it.
      expect(await again()).toEqual([undefined, undefined]);
    });
  });
}
