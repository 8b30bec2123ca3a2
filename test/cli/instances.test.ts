import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { freePorts } from '../support/free-ports.ts';
import { repository } from '../support/git-worktrees.ts';
import { mesh } from '../support/mesh-cli.ts';

const MESH = `name: shop
services:
  web: { build: { dockerfile: web/Dockerfile }, endpoints: { http: { port: 8080, host: 5000 } } }
  admin: { image: busybox, endpoints: { http: { port: 8080, host: [5000, 5010] }, debug: { port: 9000, host: none } } }
`;
const FILES = { 'mesh.yaml': MESH, 'web/Dockerfile': 'FROM busybox\n', '.gitignore': '.env\n' };

/** No engine answers there: these tests are about what is decided without one. */
const NO_ENGINE = { DOCKER_HOST: 'tcp://127.0.0.1:1' };

function run(cwd: string, stateFolder: string, ...args: string[]) {
  return mesh(args, { cwd, env: { ...NO_ENGINE, MESH_STATE_DIR: stateFolder } });
}

interface Ports {
  readonly instance?: string;
  readonly ports: readonly { readonly node: string; readonly hostPort?: number; readonly note: string }[];
}

/** `instance: node port (note), …` */
async function ports(cwd: string, stateFolder: string, ...args: string[]): Promise<string> {
  const { stdout, stderr } = await run(cwd, stateFolder, 'dev', 'ports', '--json', ...args);
  expect(stderr).toBe('');
  const report = JSON.parse(stdout) as Ports;
  const rows = report.ports.flatMap(({ node, hostPort, note }) =>
    hostPort === undefined ? [] : [`${node} ${hostPort} (${note})`],
  );
  return `${report.instance ?? 'main'}: ${rows.join(', ')}`;
}

const MAIN =
  "main: web 5000 (as the manifest asks), admin 5010 (remapped: the manifest asks for 5000 first, and 5000 is web's)";
const above = (name: string, offset: number) =>
  `${name}: web ${5000 + offset} (instance ${name}: 5000 + ${offset}), admin ${5010 + offset} (instance ${name}: 5010 + ${offset})`;

function entry(fields: Record<string, unknown>) {
  return {
    ...{ project: 'other', mesh: 'other', origin: 'derived', root: '/', offset: 0, ports: [], engine: 'docker' },
    ...{ images: [], updatedAt: '2026-01-31T12:00:00.000Z' },
    ...fields,
  };
}

function register(stateFolder: string, ...meshes: readonly Record<string, unknown>[]): void {
  mkdirSync(stateFolder, { recursive: true });
  writeFileSync(path.join(stateFolder, 'instances.json'), JSON.stringify({ v: 1, meshes: meshes.map(entry) }));
}

describe('instances', () => {
  it('take their name from the git worktree, and ports of their own from it', async () => {
    using repo = repository(FILES);
    const feature = repo.addWorktree('Feature_X');
    expect(await ports(repo.main, repo.stateFolder)).toBe(MAIN);
    expect(await ports(feature, repo.stateFolder)).toBe(above('feature_x', 100));
    expect(await ports(path.join(feature, 'web'), repo.stateFolder)).toBe(above('feature_x', 100));
    // Reading enters nothing into the list.
    expect(existsSync(repo.stateFolder)).toBe(false);
  });

  it('can be named, by option or environment', async () => {
    using repo = repository(FILES);
    expect(await ports(repo.main, repo.stateFolder, '--instance', 'fix/7')).toBe(above('fix-7', 100));
    const named = await mesh(['dev', 'ports', '--json'], {
      cwd: repo.main,
      env: { ...NO_ENGINE, MESH_STATE_DIR: repo.stateFolder, MESH_INSTANCE: 'b' },
    });
    expect(JSON.parse(named.stdout)).toMatchObject({ instance: 'b' });
    const bad = await run(repo.main, repo.stateFolder, 'dev', 'ports', '--instance', '//');
    expect(bad.stderr).toContain('"//" is no name of an instance');
    expect(bad.exitCode).toBe(2);
  });

  it('leave the ports of every other mesh alone', async () => {
    using repo = repository(FILES);
    const feature = repo.addWorktree('feature');
    register(repo.stateFolder, { ports: [5100] }, { project: 'third', ports: [5210] });
    expect(await ports(feature, repo.stateFolder)).toBe(above('feature', 300));
    register(repo.stateFolder, {
      project: 'shop-feature',
      mesh: 'shop',
      instance: 'feature',
      root: feature,
      offset: 700,
      ports: [5700, 5710],
    });
    expect(await ports(feature, repo.stateFolder)).toBe(above('feature', 700));
  });

  it('give a clone the name of its folder where another folder is the main one', async () => {
    using repo = repository(FILES);
    const clone = repo.clone('second');
    expect(await ports(clone, repo.stateFolder)).toBe(MAIN);
    register(repo.stateFolder, { project: 'shop', mesh: 'shop', root: repo.main, ports: [5000, 5010] });
    expect(await ports(clone, repo.stateFolder)).toBe(above('second', 100));
    expect(await ports(repo.main, repo.stateFolder)).toBe(MAIN);
  });

  it('read a damaged list as an empty one', async () => {
    using repo = repository(FILES);
    const feature = repo.addWorktree('feature');
    for (const text of ['', '{"meshes": 7}', '{"meshes":[null,{"project":1}]}', 'nonsense']) {
      mkdirSync(repo.stateFolder, { recursive: true });
      writeFileSync(path.join(repo.stateFolder, 'instances.json'), text);
      expect(await ports(feature, repo.stateFolder)).toBe(above('feature', 100));
    }
  });

  it('say when there are no ports for one', async () => {
    using repo = repository({ 'mesh.yaml': MESH.replace('host: 5000', 'host: 65500') });
    const feature = repo.addWorktree('feature');
    const result = await run(feature, repo.stateFolder, 'dev', 'ports');
    expect(result.stderr).toContain('MESH2030');
    expect(result.exitCode).toBe(1);
  });
});

describe('mesh generate', () => {
  it('gives the same committed files in every worktree', async () => {
    using repo = repository(FILES);
    await run(repo.main, repo.stateFolder, 'generate');
    const feature = repo.addWorktree('feature');
    await run(feature, repo.stateFolder, 'generate');
    const [here, there] = [repo.main, feature].map((folder) =>
      readFileSync(path.join(folder, 'compose/docker-compose.yml'), 'utf8'),
    );
    expect(there).toBe(here);
    const check = await mesh(['generate', '--check'], { cwd: feature, env: { MESH_INSTANCE: 'b' } });
    expect(check.stdout).toBe('generated files are up to date\n');
  });

  it('gives the file of an instance that is asked for, which works without mesh, too', async () => {
    using repo = repository(FILES);
    const result = await run(repo.main, repo.stateFolder, 'generate', 'compose', '--stdout', '--instance', 'b');
    expect(result.stdout).toContain('docker compose --project-directory compose -f .mesh/compose/shop-b.yml up --wait');
    expect(result.stdout).toMatch(/^name: shop-b$/m);
    expect(result.stdout).toMatch(/image: shop-b-web/);
    expect(result.stdout).toContain(':5100:8080');
    await run(repo.main, repo.stateFolder, 'generate', 'compose', '--instance', 'b');
    expect(existsSync(path.join(repo.main, '.mesh/compose/shop-b.yml'))).toBe(true);
    expect(repo.status(repo.main)).toBe('');
  });
});

describe('mesh dev ls and prune', () => {
  it('work without an engine and without a manifest', async () => {
    using repo = repository(FILES);
    const empty = await run(repo.path, repo.stateFolder, 'dev', 'ls');
    expect(empty.stdout).toContain('no mesh was brought up on this machine');
    register(
      repo.stateFolder,
      { project: 'shop', mesh: 'shop', root: repo.main, ports: [5000], host: 'unix:///var/run/docker.sock' },
      { project: 'gone', mesh: 'gone', root: path.join(repo.path, 'gone'), engine: 'process' },
    );
    const list = await run(repo.path, repo.stateFolder, 'dev', 'ls');
    expect(list.exitCode).toBe(0);
    expect(list.stdout).toMatch(/gone +– +process +0 +.*gone \(gone\)/);
    expect(list.stdout).toMatch(/shop +– +docker +\? +.*main +5000/);
    expect(list.stderr).toContain('no Docker engine answers');
    const before = readFileSync(path.join(repo.stateFolder, 'instances.json'), 'utf8');
    const dry = await run(repo.path, repo.stateFolder, 'dev', 'prune', '--dry-run');
    expect(dry.stdout).toContain('would remove gone: ');
    expect(readFileSync(path.join(repo.stateFolder, 'instances.json'), 'utf8')).toBe(before);
    const done = await run(repo.path, repo.stateFolder, 'dev', 'prune');
    expect(done).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('removed gone: ') });
    const { meshes } = JSON.parse((await run(repo.path, repo.stateFolder, 'dev', 'ls', '--json')).stdout);
    expect(meshes).toHaveLength(1);
    expect(meshes[0]).toMatchObject({ project: 'shop', isThere: true, ports: [5000], listed: true });
  });
});

const SERVER = `import { createServer } from 'node:http';
createServer((request, response) => response.end('ok')).listen(new URL(process.env.URLS).port, '127.0.0.1');
process.on('SIGTERM', () => process.exit(0));
`;

/** A mesh that runs with Node alone. */
async function hosted() {
  const [port = 0] = await freePorts(1);
  const manifest = `name: hosted
services:
  web:
    build: { node: app, entry: server.js }
    endpoints: { http: { port: 80, host: ${port} } }
    env: { URLS: "http://+:\${self.http.port}" }
    health: { ready: / }
`;
  const app = { 'app/package.json': '{ "name": "app", "private": true, "type": "module" }', 'app/server.js': SERVER };
  const repo = repository({ 'mesh.yaml': manifest, ...app });
  const env = { MESH_ENGINE: 'process', PATH: path.dirname(process.execPath), MESH_STATE_DIR: repo.stateFolder };
  return { repo, port, run: (cwd: string, ...args: string[]) => mesh(args, { cwd, env }) };
}

const answers = (port: number) =>
  fetch(`http://127.0.0.1:${port}/`).then(
    ({ ok }) => ok,
    () => false,
  );

describe('instances on host processes', () => {
  it('run side by side, and prune ends what still runs of a folder that is gone', async () => {
    const { repo, port, run } = await hosted();
    using _repo = repo;
    const feature = repo.addWorktree('feature');
    try {
      expect((await run(repo.main, 'dev', 'up')).stderr).not.toContain('✘');
      expect(await run(feature, 'dev', 'up')).toMatchObject({ exitCode: 0 });
      expect(await Promise.all([port, port + 100].map(answers))).toEqual([true, true]);
      const list = await run(repo.path, 'dev', 'ls');
      expect(list.stdout.match(/1 of 1/g)).toHaveLength(2);
      // Without its supervisor, nobody but prune can end it.
      const lock = path.join(feature, '.mesh/process/hosted-feature/supervisor.lock');
      process.kill(JSON.parse(readFileSync(lock, 'utf8')).pid, 'SIGKILL');
      rmSync(feature, { recursive: true });
      expect(await answers(port + 100)).toBe(true);
      const dry = await run(repo.path, 'dev', 'prune', '--dry-run');
      expect(dry.stdout).toMatch(/would remove hosted-feature: .*\n +process \d+\n/);
      expect(await run(repo.path, 'dev', 'prune')).toMatchObject({ exitCode: 0 });
      expect(await Promise.all([port, port + 100].map(answers))).toEqual([true, false]);
    } finally {
      await run(repo.main, 'dev', 'down', '--volumes');
      await run(repo.path, 'dev', 'prune');
    }
  });
});
