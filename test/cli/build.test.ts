import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { mesh } from '../support/mesh-cli.ts';
import { createTemporaryFolder, type TemporaryFolder } from '../unit/temporary-folder.ts';

/** No test here needs an engine, and none may find one. */
const env = { DOCKER_HOST: 'unix:///nowhere/docker.sock', GIT_CONFIG_GLOBAL: '/dev/null', GITHUB_BASE_REF: '' };

const MANIFEST = `name: shop
extends: base.yaml
version: 1.0.0
services:
  web: { build: { node: web, entry: a.js }, endpoints: { http: { port: 8080, host: auto } } }
`;
const BASE = `name: base
services:
  own: { build: { dockerfile: own/Dockerfile } }
  other: { build: { dockerfile: other/Dockerfile } }
`;

interface Shop extends Disposable, Pick<TemporaryFolder, 'write'> {
  readonly git: (...args: string[]) => string;
  readonly build: (...args: string[]) => ReturnType<typeof mesh>;
}

/** Three services in the folder of a repository, committed. */
function openShop(): Shop {
  const folder = createTemporaryFolder();
  const write = (name: string, text: string) => folder.write(`deep/shop/${name}`, text);
  write('mesh.yaml', MANIFEST);
  write('base.yaml', BASE);
  write('web/package.json', '{}');
  write('web/a.js', '');
  for (const name of ['own', 'other']) {
    write(`${name}/Dockerfile`, 'FROM busybox\nCOPY src .\n');
    write(`${name}/src/file`, '');
  }
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.com', ...args], {
      ...{ cwd: folder.path, env: { ...process.env, ...env }, encoding: 'utf8' as const },
    });
  git('init', '-q', '-b', 'main');
  git('add', '-A');
  git('commit', '-qm', 'one');
  const build = (...args: string[]) => mesh(['build', ...args], { cwd: `${folder.path}/deep/shop`, env });
  return { write, git, build, [Symbol.dispose]: () => folder[Symbol.dispose]() };
}

describe('mesh build --affected --dry-run', () => {
  const affected = async (shop: Shop, ...args: string[]): Promise<Record<string, string>> => {
    const { stdout, stderr, exitCode } = await shop.build('--affected', '--dry-run', '--json', ...args);
    expect(stderr).toBe('');
    expect(exitCode).toBe(0);
    const { builds } = JSON.parse(stdout) as { builds: { node: string; affectedBecause: string }[] };
    return Object.fromEntries(builds.map(({ node, affectedBecause }) => [node, affectedBecause]));
  };

  it('names the services of which something changed, and why, without an engine', async () => {
    using shop = openShop();
    expect(await affected(shop, '--since', 'HEAD')).toEqual({});
    shop.write('own/src/file', 'changed');
    shop.write('own/README', 'no input');
    expect(await affected(shop, '--since', 'HEAD')).toEqual({ own: 'own/src/file changed' });
    shop.git('add', '-A');
    shop.git('commit', '-qm', 'two');
    expect(await affected(shop, '--since', 'HEAD')).toEqual({});
    expect(await affected(shop)).toEqual({ own: 'own/src/file changed' });
  });

  it('compares what the manifest says of images, and only that', async () => {
    using shop = openShop();
    shop.write('mesh.yaml', `${MANIFEST}  new: { build: { dockerfile: own/Dockerfile } }\n`);
    shop.write('base.yaml', BASE.replace('other/Dockerfile', 'other/Dockerfile, args: { A: 1 }'));
    expect(await affected(shop, '--since', 'HEAD')).toEqual({
      other: 'its `build` in the manifest changed',
      new: 'it was not built before',
    });
    shop.write('base.yaml', BASE);
    shop.write('mesh.yaml', MANIFEST.replace('endpoints:', 'env: { A: 1 }, endpoints:'));
    expect(await affected(shop, '--since', 'HEAD')).toEqual({});
    shop.write('mesh.yaml', MANIFEST.replace('8080', '9090'));
    expect(await affected(shop, '--since', 'HEAD')).toEqual({ web: 'the manifest gives it another Dockerfile' });
  });

  it('takes all when the manifest of the revision is none', async () => {
    using shop = openShop();
    shop.write('mesh.yaml', 'not: a manifest');
    shop.git('commit', '-qam', 'broken');
    shop.write('mesh.yaml', MANIFEST);
    const found = await affected(shop, '--since', 'HEAD');
    expect(Object.keys(found).sort()).toEqual(['other', 'own', 'web']);
    expect(found.web).toContain('the manifest of HEAD cannot be read');
  });

  it('says how to get a revision that is not there', async () => {
    using shop = openShop();
    const result = await shop.build('--since', 'v9');
    expect(result.exitCode).toBe(1);
    expect(result.stderr).toMatch(/git does not know the revision v9 here[\s\S]*fetch-depth: 0/);
  });
});

describe('mesh build refuses', () => {
  it.each([
    [['--push'], '--push: the image shop-web of web does not say where to'],
    [['--tag', '{date}'], '"{date}" uses {date}, which does not exist'],
    [['--cache-to', 'type=local,dest=cache'], 'each service would write over the cache of the others'],
    [['--json', '--output', 'github'], '--json and --output github contradict each other'],
    [['--jobs', '0'], 'Expected at least 1'],
    [['--output', 'loud'], 'Allowed choices are plain, json, github'],
  ])('%j', async (args, words) => {
    using shop = openShop();
    const { exitCode, stderr, stdout } = await shop.build(...args);
    expect(stderr + stdout).toContain(words);
    expect(exitCode).toBe(2);
  });
});
