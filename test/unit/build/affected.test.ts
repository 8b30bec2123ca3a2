import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { affectedBuilds } from '../../../src/build/affected.ts';
import { readBuildInputs } from '../../../src/build/build-inputs.ts';
import type { Mesh } from '../../../src/mesh/mesh.ts';
import { renderDockerfiles } from '../../../src/render/dockerfile/render-dockerfiles.ts';
import { branchName, changedSince, openGit, shortSha, usualBase } from '../../../src/workspace/git.ts';
import { meshWith, nodeWith } from '../render/mesh-builder.ts';
import { createTemporaryFolder, type TemporaryFolder } from '../temporary-folder.ts';

const own = { kind: 'dockerfile', dockerfile: 'own/Dockerfile', context: 'own', args: {} } as const;
const web = { kind: 'node', context: 'web', entry: 'a.js', baseImage: 'node:22' } as const;
const api = { kind: 'node', context: 'api', entry: 'a.js', baseImage: 'node:22' } as const;
const NODES = [
  nodeWith({ name: 'own', build: own }),
  nodeWith({ name: 'web', build: web }),
  nodeWith({ name: 'api', build: api }),
];

function meshIn(folder: TemporaryFolder, fields: Partial<Mesh> = {}): Mesh {
  const mesh = meshWith({ root: folder.path, nodes: NODES, ...fields });
  for (const artefact of renderDockerfiles(mesh)) folder.write(artefact.path, artefact.text);
  folder.write('own/Dockerfile', 'FROM x\nCOPY src .\n');
  return mesh;
}

describe('affected', () => {
  test.each([
    ['a file that is copied', ['own/src/a.c'], { own: 'own/src/a.c changed' }],
    ['more of them', ['web/a.js', 'web/b.js'], { web: 'web/a.js and 1 more changed' }],
    ['one that is gone, or is not copied', ['own/README', 'own/tests/a.c'], {}],
    ['one that is ignored', ['web/README.md', 'web/node_modules/x/a.js'], {}],
    ['an own Dockerfile', ['own/Dockerfile'], { own: 'own/Dockerfile changed' }],
    ['a generated one, which says nothing by itself', ['dockerfiles/Dockerfile.Web'], {}],
  ])('by %s', (_, changed, causes) => {
    using folder = createTemporaryFolder();
    const mesh = meshIn(folder);
    const inputs = mesh.nodes.flatMap(({ name }) => readBuildInputs(mesh, name) ?? []);
    const absolute = changed.map((file) => path.join(folder.path, file));
    const found = affectedBuilds({ mesh, before: mesh, inputs, changed: absolute });
    expect(Object.fromEntries(found.map(({ node, because }) => [node, because]))).toEqual(causes);
  });

  test('by the manifest: a new node, another build, another Dockerfile; all of them when nobody can tell', () => {
    using folder = createTemporaryFolder();
    const mesh = meshIn(folder, { version: '2.0.0' });
    const inputs = mesh.nodes.flatMap(({ name }) => readBuildInputs(mesh, name) ?? []);
    const nodes = [
      nodeWith({ name: 'own', build: { ...own, args: { A: '1' } } }),
      nodeWith({ name: 'web', build: web }),
    ];
    const before = meshWith({ root: folder.path, nodes });
    expect(affectedBuilds({ mesh, before, inputs, changed: [] })).toEqual([
      { node: 'own', because: 'its `build` in the manifest changed' },
      { node: 'web', because: 'the manifest gives it another Dockerfile' },
      { node: 'api', because: 'it was not built before' },
    ]);
    const lost = affectedBuilds({ mesh, before: { unknown: 'lost' }, inputs, changed: [] });
    expect(lost.map(({ because }) => because)).toEqual(['lost', 'lost', 'lost']);
  });
});

describe('git', () => {
  const env = { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GITHUB_HEAD_REF: '', GITHUB_REF_NAME: '' };

  function openRepository() {
    const folder = createTemporaryFolder();
    const run = (...args: string[]) =>
      execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.com', ...args], {
        ...{ cwd: folder.path, env, encoding: 'utf8' as const },
      });
    run('init', '-q', '-b', 'main');
    folder.write('.gitignore', 'ignored\n');
    folder.write('a b', '1');
    folder.write('gone', '1');
    run('add', '-A');
    run('commit', '-qm', 'one');
    return { folder, run, git: openGit(folder.path, env) };
  }

  test('what changed: committed, not committed, new and gone; not what is ignored', () => {
    const { folder, run, git } = openRepository();
    using _folder = folder;
    folder.write('a b', '2');
    run('commit', '-qam', 'two');
    folder.write('new/ü', '');
    folder.write('ignored', '');
    run('rm', '-q', 'gone');
    const names = (since: string) => changedSince(git, since).map((file) => path.relative(folder.path, file));
    expect(names('HEAD~1')).toEqual(['a b', 'gone', 'new/ü']);
    expect(names('HEAD')).toEqual(['gone', 'new/ü']);
    expect(() => names('nothing')).toThrow('git does not know the revision nothing here');
  });

  test('tags: the commit, dirty or not, and the branch, or what CI calls it', () => {
    const { folder, run, git } = openRepository();
    using _folder = folder;
    const sha = run('rev-parse', '--short', 'HEAD').trim();
    expect([shortSha(git), branchName(git, env)]).toEqual([sha, 'main']);
    folder.write('a b', '3');
    expect(shortSha(git)).toBe(`${sha}-dirty`);
    run('checkout', '-q', '--detach');
    expect(branchName(git, env)).toBe('detached');
    expect(branchName(git, { ...env, GITHUB_REF_NAME: 'v1' })).toBe('v1');
    expect(branchName(git, { ...env, GITHUB_HEAD_REF: 'feature', GITHUB_REF_NAME: '1/merge' })).toBe('feature');
  });

  test('the usual base is where the branch began; on the main branch, the commit before', () => {
    const { folder, run, git } = openRepository();
    using _folder = folder;
    expect(usualBase(git, env)).toBe('HEAD~1');
    const base = run('rev-parse', 'HEAD').trim();
    run('update-ref', 'refs/remotes/origin/main', base);
    run('symbolic-ref', 'refs/remotes/origin/HEAD', 'refs/remotes/origin/main');
    expect(usualBase(git, env)).toBe('HEAD~1');
    folder.write('a b', '4');
    run('commit', '-qam', 'mine');
    expect(usualBase(git, env)).toBe(base);
    expect(usualBase(git, { ...env, GITHUB_BASE_REF: 'main' })).toBe(base);
  });

  test('outside of a repository, it says so', () => {
    using folder = createTemporaryFolder();
    expect(() =>
      shortSha(openGit(folder.path, { ...env, GIT_CEILING_DIRECTORIES: path.dirname(folder.path) })),
    ).toThrow('not a git repository');
  });
});
