import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { freePorts } from '../support/free-ports.ts';
import { type Repository, repository } from '../support/git-worktrees.ts';
import { type CliResult, events, mesh } from '../support/mesh-cli.ts';
import { containerIds, docker, lines, remains } from './support/docker.ts';
import { describeEngine } from './support/engine-test.ts';
import { removeProject } from './support/temporary-mesh.ts';

interface Checkouts extends AsyncDisposable {
  readonly repo: Repository;
  /** The name of the mesh, and so of the main project. */
  readonly name: string;
  readonly run: (folder: string, ...args: string[]) => Promise<CliResult>;
}

/** A front that passes requests on to a back whose answer names the copy. The back is built, and has a volume. */
function manifest(name: string, ports: readonly number[]): string {
  const [front = 0, back = 0] = ports;
  const script = '#!/bin/sh\\nprintf "Content-Type: text/plain\\r\\n\\r\\n"; exec wget -q -O - $BACK/name';
  const proxy = `mkdir -p /www/cgi-bin; printf '${script}' > /www/cgi-bin/name; chmod +x /www/cgi-bin/name; exec httpd -f -p 8080 -h /www`;
  return `name: ${name}
services:
  front:
    image: busybox:latest
    command: ${JSON.stringify(proxy)}
    endpoints: { http: { port: 8080, host: ${front} } }
    needs: [back]
    env: { BACK: "\${back.http.url}" }
    health: { ready: { http: /cgi-bin/name }, within: 20s }
    stopGrace: 1s
  back:
    build: { dockerfile: Dockerfile }
    endpoints: { http: { port: 8080, host: ${back} } }
    volumes: { rows: /rows }
    health: { ready: /name, within: 20s }
    stopGrace: 1s
`;
}

const DOCKERFILE = `FROM busybox:latest
COPY name /www/name
CMD ["httpd", "-f", "-p", "8080", "-h", "/www"]
`;

async function checkouts(): Promise<Checkouts> {
  const name = `mesh-test-${randomBytes(4).toString('hex')}`;
  const files = { 'mesh.yaml': manifest(name, await freePorts(2)), Dockerfile: DOCKERFILE, name: 'main\n' };
  const repo = repository({ ...files, '.gitignore': 'dockerfiles/\ncompose/\n' });
  return {
    repo,
    name,
    run: (folder, ...args) => mesh(args, { cwd: folder, env: { MESH_STATE_DIR: repo.stateFolder } }),
    [Symbol.asyncDispose]: async () => {
      for (const project of await projectsOf(name)) await removeProject(project);
      const images = await lines('images', '--format', '{{.Repository}}', '--filter', `reference=${name}*`);
      if (images.length > 0) await docker('rmi', ...new Set(images));
      repo[Symbol.dispose]();
    },
  };
}

/** Built first, since Compose makes what a node needs together with the node. */
async function up({ run }: Checkouts, folder: string, ...args: string[]): Promise<CliResult> {
  ok(await run(folder, 'build'));
  return run(folder, 'dev', 'up', ...args);
}

/** Of the main one and of every instance, also where only a network or volume is left. */
async function projectsOf(name: string): Promise<string[]> {
  const format = ['--format', '{{.Label "com.docker.compose.project"}}'];
  const found = await Promise.all([
    lines('ps', '--all', ...format),
    lines('network', 'ls', ...format),
    lines('volume', 'ls', ...format),
  ]);
  return [...new Set(found.flat())].filter((project) => project === name || project.startsWith(`${name}-`));
}

interface Ps {
  readonly instance: string;
  readonly project: string;
  readonly nodes: readonly { readonly name: string; readonly endpoints: readonly { readonly url?: string }[] }[];
}

/** What the front of a copy answers at the address that `ps` gives, through the back of that copy. */
async function ask({ run }: Checkouts, folder: string): Promise<string> {
  const result = await run(folder, 'dev', 'ps', '--json');
  expect(result.exitCode).toBe(0);
  const report = JSON.parse(result.stdout) as Ps;
  const url = report.nodes.find((node) => node.name === 'front')?.endpoints[0]?.url;
  const response = await fetch(`${url}/cgi-bin/name`);
  return `${report.project} (${report.instance}) says ${(await response.text()).trim()}`;
}

interface Listed {
  readonly project: string;
  readonly running?: number;
  readonly isThere: boolean;
}

/** `project running`, of this test's meshes alone. */
async function listed({ run, name, repo }: Checkouts): Promise<string[]> {
  const { stdout } = await run(repo.path, 'dev', 'ls', '--json');
  const { meshes } = JSON.parse(stdout) as { meshes: readonly Listed[] };
  return meshes
    .filter(({ project }) => project.startsWith(name))
    .map(({ project, running, isThere }) => `${project} ${running}${isThere ? '' : ', folder gone'}`);
}

const ok = (result: CliResult) => expect(result, result.stderr).toMatchObject({ exitCode: 0 });

describeEngine('two worktrees of one mesh', () => {
  it('are up side by side, each with its own sources, ports and data, and go down alone', async () => {
    await using subject = await checkouts();
    const { repo, name, run } = subject;
    const feature = repo.addWorktree('Feature');
    writeFileSync(path.join(feature, 'name'), 'feature\n');
    // At once, and for the first time: both look for a name and for ports at the same moment.
    const ups = await Promise.all([up(subject, repo.main), up(subject, feature, '--json')]);
    for (const result of ups) ok(result);
    expect(events(ups[1])[0]).toMatchObject({ type: 'run:started', mesh: name, instance: 'feature' });
    expect(await ask(subject, repo.main)).toBe(`${name} (${name}) says main`);
    expect(await ask(subject, feature)).toBe(`${name}-feature (feature) says feature`);
    expect(await listed(subject)).toEqual([`${name} 2`, `${name}-feature 2`]);
    // What one of them builds is not the image of the other, and nothing that is committed changed.
    const again = await run(repo.main, 'dev', 'up');
    expect(again.stdout).toContain(`${name} is up: 2 of 2 ready, nothing changed`);
    const same = await run(feature, 'dev', 'up');
    expect(same.stdout).toContain(`${name} · feature is up: 2 of 2 ready, nothing changed`);
    expect(repo.status(feature)).toBe(' M name\n');
    expect(existsSync(path.join(feature, 'compose/docker-compose.yml'))).toBe(false);

    const before = await containerIds(name);
    ok(await run(feature, 'dev', 'down'));
    expect(await containerIds(name)).toEqual(before);
    expect(await remains(`${name}-feature`)).toEqual([`volume ${name}-feature_rows`]);
    // It stays in the list, and so its ports stay its own.
    expect(await listed(subject)).toEqual([`${name} 2`, `${name}-feature 0`]);
    expect(await ask(subject, repo.main)).toContain('says main');
  });

  it('can be used with docker compose alone', async () => {
    await using subject = await checkouts();
    const { repo, name, run } = subject;
    const feature = repo.addWorktree('feature');
    ok(await up(subject, feature));
    const file = `.mesh/compose/${name}-feature.yml`;
    expect(readFileSync(path.join(feature, file), 'utf8')).toContain('Generated by mesh');
    const before = await containerIds(`${name}-feature`);
    const args = ['compose', '--project-directory', 'compose', '-f', file, 'up', '--detach', '--wait', '--no-build'];
    execFileSync('docker', args, { cwd: feature, stdio: 'pipe' });
    expect(await containerIds(`${name}-feature`)).toEqual(before);
    expect((await run(feature, 'dev', 'plan', '--check')).exitCode).toBe(0);
  });

  it('keep their names and ports while others come and go', async () => {
    await using subject = await checkouts();
    const { repo, name, run } = subject;
    const [one, two] = [repo.addWorktree('one'), repo.addWorktree('two')];
    const portsOf = async (folder: string) => (await run(folder, 'dev', 'ports', '--json')).stdout;
    for (const folder of [one, two]) ok(await up(subject, folder));
    const before = await portsOf(two);
    ok(await run(one, 'dev', 'down', '--volumes'));
    rmSync(one, { recursive: true });
    ok(await run(repo.main, 'dev', 'prune'));
    expect(await listed(subject)).toEqual([`${name}-two 2`]);
    expect(await portsOf(two)).toBe(before);
    const clone = repo.clone('second');
    ok(await up(subject, repo.main));
    ok(await up(subject, clone));
    expect(await ask(subject, clone)).toBe(`${name}-second (second) says main`);
    expect(await listed(subject)).toEqual([`${name} 2`, `${name}-second 2`, `${name}-two 2`]);
  });
});

describeEngine('mesh dev prune', () => {
  it('removes all that a mesh left whose folder is gone, and nothing of the others', async () => {
    await using subject = await checkouts();
    const { repo, name, run } = subject;
    const feature = repo.addWorktree('feature');
    ok(await up(subject, repo.main));
    ok(await up(subject, feature));
    const nothing = await run(repo.main, 'dev', 'prune');
    expect(nothing.stdout).toBe('nothing to remove: the folder of every mesh is there\n');
    rmSync(feature, { recursive: true });
    expect(await listed(subject)).toEqual([`${name} 2`, `${name}-feature 2, folder gone`]);

    const left = await remains(`${name}-feature`);
    expect(left).toHaveLength(4);
    const dry = await run(repo.main, 'dev', 'prune', '--dry-run');
    expect(dry.stdout).toContain(`would remove ${name}-feature: ${feature} is gone`);
    for (const what of left) expect(dry.stdout).toContain(what.split(' ')[1]);
    expect(await remains(`${name}-feature`)).toEqual(left);

    const done = await run(repo.main, 'dev', 'prune', '--json');
    ok(done);
    expect(JSON.parse(done.stdout)).toMatchObject({
      dryRun: false,
      meshes: [{ project: `${name}-feature`, images: [`${name}-feature-back:latest`] }],
    });
    expect(await remains(`${name}-feature`)).toEqual([]);
    expect(await lines('images', '--quiet', '--filter', `reference=${name}-feature-back`)).toEqual([]);
    expect(await listed(subject)).toEqual([`${name} 2`]);
    expect(await ask(subject, repo.main)).toContain('says main');
  });

  it('leaves a mesh alone that ran on another engine', async () => {
    await using subject = await checkouts();
    const { repo, run } = subject;
    const feature = repo.addWorktree('feature');
    ok(await up(subject, feature));
    rmSync(feature, { recursive: true });
    const result = await mesh(['dev', 'prune'], {
      cwd: repo.main,
      env: { MESH_STATE_DIR: repo.stateFolder, DOCKER_HOST: 'tcp://127.0.0.1:1' },
    });
    expect(result.stdout).toMatch(/it ran on the engine at \S+, and this one is at tcp:\/\/127\.0\.0\.1:1/);
    expect(result.exitCode).toBe(1);
    ok(await run(repo.main, 'dev', 'prune'));
  });
});
