import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type BuildRecord, buildState } from '../../../../src/engine/process/prepare/build-steps.ts';
import { createHostBuilds } from '../../../../src/engine/process/prepare/host-builds.ts';
import type { Build } from '../../../../src/mesh/build.ts';
import type { Mesh } from '../../../../src/mesh/mesh.ts';
import { meshOf } from './mesh-of.ts';
import { NEVER } from './scratch-project.ts';

// Real processes, on machines that may be busy with something else.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let root: string;
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'mesh-build-'));
});
afterEach(() => rmSync(root, { recursive: true }));

function write(name: string, text: string): void {
  mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
  writeFileSync(path.join(root, name), text);
}

/** Into the past or the future, so that no test waits for a file system's clock. */
function touch(name: string, second: number): void {
  utimesSync(path.join(root, name), second, second);
}

const NODE: Build = { kind: 'node', context: 'app', entry: 'dist/a/main.js', script: 'build', baseImage: '' };
const steps = (build: Build, last: BuildRecord) =>
  buildState(build, root, last).steps.map((step) => step.argv.join(' '));

/** What is recorded when every step has been run. */
function recordOf(build: Build): BuildRecord {
  return Object.assign({}, ...buildState(build, root, {}).steps.map((step) => step.done)) as BuildRecord;
}

describe('what has to be run', () => {
  beforeEach(() => {
    write('app/package.json', '{"dependencies":{"left-pad":"1"}}');
    write('app/package-lock.json', '{}');
    write('app/src/a.ts', 'a');
  });

  test('everything in a fresh checkout', () => {
    expect(steps(NODE, {})).toEqual(['npm ci --no-audit --no-fund', 'npm run build']);
  });

  test('a workspace is installed as a whole, by the manager that is named', () => {
    write('pnpm-lock.yaml', '');
    write('package.json', '{"devDependencies":{"typescript":"5"}}');
    const build = { ...NODE, manager: 'pnpm', workspace: '.' } as const;
    expect(
      buildState(build, root, {}).steps.map(({ argv, cwd }) => [argv.join(' '), path.relative(root, cwd)]),
    ).toEqual([
      ['pnpm install --frozen-lockfile', ''],
      ['pnpm run build', 'app'],
    ]);
    const before = buildState(build, root, {}).inputs;
    write('lib/index.ts', 'of another package');
    expect(buildState(build, root, {}).inputs).not.toBe(before);
  });

  test('nothing when all was run', () => {
    const record = recordOf(NODE);
    write('app/node_modules/left-pad/index.js', '');
    write('app/dist/a/main.js', '');
    expect(steps(NODE, record)).toEqual([]);
  });

  test.each([
    ['a source was edited', () => touch('app/src/a.ts', 1), ['npm run build']],
    ['a source was added', () => write('app/src/b.ts', 'b'), ['npm run build']],
    ['the result is gone', () => rmSync(path.join(root, 'app/dist'), { recursive: true }), ['npm run build']],
    ['packages changed', () => touch('app/package-lock.json', 1), ['npm ci --no-audit --no-fund', 'npm run build']],
    [
      'packages are gone',
      () => rmSync(path.join(root, 'app/node_modules'), { recursive: true }),
      ['npm ci --no-audit --no-fund', 'npm run build'],
    ],
    ['a result was touched', () => touch('app/dist/a/main.js', 1), []],
  ])('when %s', (_, change, wanted) => {
    const record = recordOf(NODE);
    write('app/node_modules/left-pad/index.js', '');
    write('app/dist/a/main.js', '');
    change();
    expect(steps(NODE, record)).toEqual(wanted);
  });

  test('a package without dependencies is not installed, and one without a script not compiled', () => {
    write('app/package.json', '{"name":"a"}');
    expect(steps({ ...NODE, script: undefined, entry: 'main.js' }, {})).toEqual([]);
  });

  test('a .NET project is built before it is run', () => {
    write('net/Net.csproj', '');
    const build: Build = {
      kind: 'dotnet',
      project: 'net',
      assembly: 'net',
      context: '.',
      sdkImage: '',
      runtimeImage: '',
    };
    expect(steps(build, {})).toEqual([`dotnet build -c Release --nologo -v quiet ${root}/net`]);
    const record = recordOf(build);
    write('net/bin/Release/net8.0/Net.dll', '');
    expect(steps(build, record)).toEqual([]);
  });
});

describe('building', () => {
  /** Two services of one package, whose build counts its runs. */
  const shared = (script: string): Mesh => {
    write('app/package.json', JSON.stringify({ scripts: { build: script } }));
    return meshOf(`
name: shop
services:
  a: { build: { node: app, entry: dist/a.js, script: build } }
  b: { build: { node: app, entry: dist/b.js, script: build } }
`);
  };
  const open = () =>
    createHostBuilds({ root, file: path.join(root, 'builds.json'), env: { PATH: process.env.PATH ?? '' } });

  test('is done once for all services of a package, and not again', async () => {
    const { nodes } = shared('mkdir -p dist && touch dist/a.js dist/b.js && echo run >> ../runs');
    const builds = open();
    expect(nodes.map((node) => builds.imageId(node))).toEqual([undefined, undefined]);
    await Promise.all(nodes.map((node) => builds.build(node, () => {}, NEVER)));
    const [first, second] = nodes.map((node) => open().imageId(node));
    expect(first).toBeDefined();
    expect(second).toBe(first);
    await Promise.all(nodes.map((node) => open().build(node, () => {}, NEVER)));
    expect(readFileSync(path.join(root, 'runs'), 'utf8')).toBe('run\n');
  });

  test('that fails says so, with its last lines', async () => {
    const [node] = shared('echo what went wrong >&2; exit 3').nodes;
    if (node === undefined) throw new Error('no node');
    await expect(open().build(node, () => {}, NEVER)).rejects.toMatchObject({
      code: 'MESH3006',
      message: expect.stringMatching(/^a: npm run build ended with code 3\n(?:.*\n)*what went wrong/),
    });
  });

  test('ends with its signal', async () => {
    const [node] = shared('sleep 60').nodes;
    if (node === undefined) throw new Error('no node');
    const over = new AbortController();
    const building = open().build(node, () => over.abort(new Error('over')), over.signal);
    await expect(building).rejects.toThrow('over');
  });

  test('that does not make the program says so', async () => {
    const [node] = shared('mkdir -p dist && touch dist/b.js').nodes;
    if (node === undefined) throw new Error('no node');
    await expect(open().build(node, () => {}, NEVER)).rejects.toMatchObject({
      code: 'MESH3006',
      message: 'a: the build made no app/dist/a.js',
    });
  });

  test('without sources names what is missing', async () => {
    const [node] = meshOf('name: shop\nservices: { a: { build: { node: nowhere, entry: a.js } } }').nodes;
    if (node === undefined) throw new Error('no node');
    await expect(open().build(node, () => {}, NEVER)).rejects.toMatchObject({ code: 'MESH2005' });
  });
});
