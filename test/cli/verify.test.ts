import { cpSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { kubernetesTool, runKubernetesTool } from '../support/kubernetes-tools.ts';
import { mesh } from '../support/mesh-cli.ts';
import { type TemporaryFolder, temporaryFolder } from '../support/temporary-folder.ts';

const MANIFEST = `name: shop
version: 1.2.3
infrastructure:
  postgres:
    image: postgres:15-alpine
    endpoints: { sql: { port: 5432, protocol: postgres } }
services:
  api:
    image: shop/api
    endpoints: { http: 8080 }
    needs: [postgres]
    env:
      LOG_LEVEL: info
      DATABASE: \${postgres.sql.url}
      TOKEN: \${secrets.token}
    health: { ready: /ready, client: wget }
secrets:
  token: { minLength: 32 }
environments:
  prod: { replicas: 3 }
`;
const COMPOSE = 'compose/docker-compose.yml';
/** No helm on PATH, so that nothing depends on the machine. */
const WITHOUT_HELM = { PATH: path.dirname(process.execPath), MESH_HELM: '' };

let helm = '';
beforeAll(() => {
  helm = kubernetesTool('helm');
});

/** A project with all of its files generated. */
async function generated(): Promise<TemporaryFolder> {
  const folder = temporaryFolder({ 'mesh.yaml': MANIFEST });
  const result = await mesh(['generate'], { cwd: folder.path });
  expect(result.exitCode).toBe(0);
  return folder;
}

function change(folder: TemporaryFolder, file: string, from: string | RegExp, to: string): void {
  const text = readFileSync(path.join(folder.path, file), 'utf8');
  expect(text.replace(from, to)).not.toBe(text);
  folder.write(file, text.replace(from, to));
}

describe('mesh verify', () => {
  it('says that all targets say the same, in one line', async () => {
    using folder = await generated();
    // A path is relative to where the command is run.
    const program = path.relative(folder.path, helm);
    const result = await mesh(['verify', '--helm', program], { cwd: folder.path });
    expect(result.stdout).toMatch(/^✔ compose · k8s · helm dev · helm prod say the same in (\d+) of \1 comparisons\n$/);
    expect(result.exitCode).toBe(0);
  });

  it('says that the chart was not compared where there is no helm, and goes on', async () => {
    using folder = await generated();
    const result = await mesh(['verify'], { cwd: folder.path, env: WITHOUT_HELM });
    expect(result.stdout).toMatch(
      /^✔ compose · k8s say the same in \d+ of \d+ comparisons\nhelm was not compared: none on PATH .*\n$/,
    );
    expect(result.exitCode).toBe(0);
  });

  it('works on what it would generate where nothing is generated, and writes nothing', async () => {
    using folder = temporaryFolder({ 'mesh.yaml': MANIFEST });
    const result = await mesh(['verify', '--helm', helm], { cwd: folder.path });
    expect(result.stdout).toContain('say the same in');
    expect(result.exitCode).toBe(0);
    expect(readdirSync(folder.path)).toEqual(['mesh.yaml']);
  });

  it('shows what was edited by hand: both places with their lines, and what to do', async () => {
    using folder = await generated();
    change(folder, COMPOSE, /LOG_LEVEL: .*/, 'LOG_LEVEL: loud');
    const result = await mesh(['verify'], { cwd: folder.path, env: WITHOUT_HELM });
    expect(result.exitCode).toBe(1);
    // How many things are compared is no part of what a person acts on.
    expect(result.stdout.replace(/\d+ of \d+/, 'N of M')).toMatchInlineSnapshot(`
      "api
        ✘ variable LOG_LEVEL is "loud" in compose, and should be "info" (MESH4102)
           manifest  mesh.yaml:13:18   LOG_LEVEL: info
           compose   compose/docker-compose.yml:36:18   LOG_LEVEL: loud
           do        change mesh.yaml where that is what you want, then run: mesh generate (--force where a file was edited by hand)

      ✘ 1 finding: compose · k8s say the same in N of M comparisons
      helm was not compared: none on PATH (get it at helm.sh, or name it with --helm)
      "
    `);
  });

  it('finds a stale file, a removed one, and what no fact is about', async () => {
    using stale = await generated();
    change(stale, 'mesh.yaml', 'version:', '# changed\nversion:');
    expect((await mesh(['verify'], { cwd: stale.path, env: WITHOUT_HELM })).exitCode).toBe(0);
    change(stale, 'mesh.yaml', /version: .*/, 'version: 9.9.9');
    const changed = await mesh(['verify'], { cwd: stale.path, env: WITHOUT_HELM });
    expect(changed.stdout).toContain('label app.kubernetes.io/version');
    using edited = await generated();
    change(edited, COMPOSE, /^ {4}image: .*$/m, '$&\n    privileged: true');
    const found = await mesh(['verify'], { cwd: edited.path, env: WITHOUT_HELM });
    expect(found.stdout).toContain('.privileged should not be there');
    expect(found.exitCode).toBe(1);
  });

  it('never prints what stands in the place of a secret', async () => {
    using folder = await generated();
    change(folder, COMPOSE, /\$\{MESH_SECRET_[^}]*\}/, 'hunter2-hunter2-hunter2');
    for (const json of [[], ['--json']]) {
      const result = await mesh(['verify', ...json], { cwd: folder.path, env: WITHOUT_HELM });
      expect(result.exitCode).toBe(1);
      expect(result.stdout).toContain('MESH4103');
      expect(result.stdout).not.toContain('hunter2');
    }
  });

  it('never prints what a committed Secret holds', async () => {
    using folder = await generated();
    change(folder, 'k8s/api/secret.yaml', /\$\{MESH_SECRET_[^}]*\}/, 'hunter2-hunter2-hunter2');
    change(folder, 'k8s/api/secret.yaml', 'stringData:', 'stringData:\n  EXTRA: hunter2-too');
    for (const json of [[], ['--json']]) {
      const result = await mesh(['verify', ...json], { cwd: folder.path, env: WITHOUT_HELM });
      expect(result.exitCode).toBe(1);
      expect(result.stdout).toContain('variable EXTRA');
      expect(result.stdout).not.toContain('hunter2');
    }
  });

  it('gives scripts one document', async () => {
    using folder = await generated();
    change(folder, COMPOSE, /LOG_LEVEL: .*/, 'LOG_LEVEL: loud');
    const result = await mesh(['verify', '--json', '--helm', helm], { cwd: folder.path });
    const document = JSON.parse(result.stdout) as { findings: { places: { file: string }[] }[]; targets: object[] };
    expect(document).toMatchObject({ v: 1, ok: false, notes: [] });
    expect(document.findings).toHaveLength(1);
    expect(document.findings[0]).toMatchObject({ code: 'MESH4102', target: 'compose', found: 'loud' });
    expect(document.findings[0]?.places.map(({ file }) => file)).toEqual(['mesh.yaml', COMPOSE]);
    expect(document.targets).toMatchObject([
      { name: 'compose', environment: 'dev' },
      { name: 'k8s', environment: 'dev' },
      { name: 'helm dev', environment: 'dev' },
      { name: 'helm prod', environment: 'prod' },
    ]);
  });

  it('says what Helm says when it refuses the chart', async () => {
    using folder = await generated();
    folder.write('helm/shop/templates/broken.yaml', '{{ nothing }}\n');
    const result = await mesh(['verify', '--helm', helm], { cwd: folder.path });
    expect(result.stdout).toContain('function "nothing" not defined');
    expect(result.exitCode).toBe(1);
  });

  it('holds artefacts of others against each other, without a manifest', async () => {
    using own = await generated();
    using folder = temporaryFolder();
    cpSync(path.join(own.path, COMPOSE), path.join(folder.path, 'docker-compose.yml'));
    cpSync(path.join(own.path, 'k8s/api'), path.join(folder.path, 'manifests'), { recursive: true });
    const same = await mesh(['verify', 'docker-compose.yml', 'manifests'], { cwd: folder.path });
    expect(same.stdout).toMatch(/^✔ docker-compose\.yml · manifests say the same in (\d+) of \1 comparisons\n/);
    const { stdout } = await runKubernetesTool('helm', ['template', 'mine', path.join(own.path, 'helm/shop')]);
    folder.write('rendered.yaml', stdout);
    const released = await mesh(['verify', 'manifests', 'rendered.yaml'], { cwd: folder.path });
    expect(released.stdout).toMatch(/^✔ manifests · rendered\.yaml say the same in (\d+) of \1 comparisons\n$/);
    change(folder, 'docker-compose.yml', /LOG_LEVEL: .*/, 'LOG_LEVEL: loud');
    const differs = await mesh(['verify', 'docker-compose.yml', 'manifests'], { cwd: folder.path });
    expect(differs.stdout).toContain('variable LOG_LEVEL is "loud" in docker-compose.yml, and');
    expect(differs.exitCode).toBe(1);
  });

  it('refuses bad input with 2', async () => {
    using folder = await generated();
    expect((await mesh(['verify', '--helm', 'no-such-helm'], { cwd: folder.path })).exitCode).toBe(2);
    const unnamed = await mesh(['verify', '--helm', ''], { cwd: folder.path });
    expect([unnamed.exitCode, unnamed.stderr]).toEqual([2, expect.stringContaining('MESH1501')]);
    expect((await mesh(['verify', 'gone.yml'], { cwd: folder.path })).exitCode).toBe(2);
    change(folder, COMPOSE, 'services:', 'services: {');
    const broken = await mesh(['verify'], { cwd: folder.path, env: WITHOUT_HELM });
    expect(broken.exitCode).toBe(2);
    expect(broken.stderr).toContain(`${COMPOSE}:`);
    expect(broken.stderr).toContain('MESH4003');
  });
});
