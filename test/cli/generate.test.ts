import { existsSync, lstatSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { mesh, ROOT } from '../support/mesh-cli.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const TOSKAMESH = { 'mesh.yaml': 'extends: toskamesh\n' };
const COMPOSE = 'compose/docker-compose.yml';

describe('mesh generate', () => {
  it('gives the committed files of this project, to the byte', async () => {
    const result = await mesh(['generate', '--check'], { cwd: ROOT });
    expect(result.stdout).toBe('generated files are up to date\n');
    expect(result.exitCode).toBe(0);
  });

  it('gives the committed files of the reference mesh', async () => {
    const result = await mesh(['generate', '--check'], { cwd: path.join(ROOT, 'examples/toskamesh') });
    expect(result.stdout).toBe('generated files are up to date\n');
  });

  it('writes the files of every target, then has nothing to write', async () => {
    using folder = temporaryFolder(TOSKAMESH);
    const first = await mesh(['generate'], { cwd: folder.path });
    expect(first.stdout).toContain('wrote 153, unchanged 0');
    expect(readdirSync(folder.path).sort()).toEqual(['.mesh', 'compose', 'dockerfiles', 'helm', 'k8s', 'mesh.yaml']);
    expect(readdirSync(path.join(folder.path, 'dockerfiles'))).toHaveLength(16);
    const second = await mesh(['generate', '--json'], { cwd: folder.path });
    expect(JSON.parse(second.stdout)).toEqual({ v: 1, written: [], removed: [], unchanged: 153 });
  });

  it('writes the files of the named targets alone', async () => {
    using folder = temporaryFolder(TOSKAMESH);
    await mesh(['generate', 'k8s'], { cwd: folder.path });
    expect(readdirSync(folder.path).sort()).toEqual(['.mesh', 'k8s', 'mesh.yaml']);
    expect(existsSync(path.join(folder.path, 'k8s/infra'))).toBe(false);
  });

  it('writes nothing for clusters when it is about a copy on this machine, unless asked to', async () => {
    using folder = temporaryFolder(TOSKAMESH);
    await mesh(['generate', '--instance', 'feature'], { cwd: folder.path });
    expect(readdirSync(folder.path).sort()).toEqual(['.mesh', 'dockerfiles', 'mesh.yaml']);
  });

  it('makes secrets that are private, ignored by git, and found by docker compose', async () => {
    using folder = temporaryFolder(TOSKAMESH);
    await mesh(['generate'], { cwd: folder.path });
    const file = path.join(folder.path, '.mesh/secrets.env');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(path.join(folder.path, '.mesh/.gitignore'), 'utf8')).toMatch(/^\*$/m);
    expect(readFileSync(file, 'utf8')).toMatch(/^MESH_SECRET_JWT=[A-Za-z0-9]{43}$/m);
    expect(lstatSync(path.join(folder.path, 'compose/.env')).isSymbolicLink()).toBe(true);
  });

  it('shows with --check what differs, exits with 1, and writes nothing', async () => {
    using folder = temporaryFolder(TOSKAMESH);
    const missing = await mesh(['generate', '--check', 'compose'], { cwd: folder.path });
    expect(missing.exitCode).toBe(1);
    expect(missing.stdout).toContain('--- /dev/null');
    expect(existsSync(path.join(folder.path, COMPOSE))).toBe(false);
    await mesh(['generate'], { cwd: folder.path });
    folder.write('mesh.yaml', 'extends: toskamesh\nservices: { gateway: { env: { Jwt__Issuer: Somebody } } }\n');
    const stale = await mesh(['generate', '--check'], { cwd: folder.path });
    expect(stale.exitCode).toBe(1);
    expect(stale.stdout).toMatch(/^- +Jwt__Issuer: ToskaMesh$/m);
    expect(stale.stdout).toMatch(/^\+ +Jwt__Issuer: Somebody$/m);
  });

  it('follows the project files of .NET services where they are there, and the manifest where they are not', async () => {
    const api = (references: string) =>
      `<Project Sdk="Microsoft.NET.Sdk.Web"><ItemGroup>${references}</ItemGroup></Project>`;
    const manifest = 'name: net\nservices: { api: { build: { dotnet: src/Api, references: [src/Recorded] } } }\n';
    using folder = temporaryFolder({ 'mesh.yaml': manifest });
    const dockerfile = () => readFileSync(path.join(folder.path, 'dockerfiles/Dockerfile.Api'), 'utf8');
    const generated = async () => (await mesh(['generate'], { cwd: folder.path })).stdout.split('\n')[0];
    await generated();
    expect(dockerfile()).toContain('COPY src/Recorded ');
    expect(dockerfile()).toContain('# The project files were not there');

    folder.write('src/Api/Api.csproj', api(''));
    expect(await generated()).toMatch(/^wrote 1, /);
    expect(dockerfile()).not.toMatch(/src\/Recorded|not there/);
    expect(await generated()).toMatch(/^wrote 0, /);

    folder.write('src/Lib/Lib.csproj', '<Project Sdk="Microsoft.NET.Sdk" />');
    folder.write('src/Api/Api.csproj', api('<ProjectReference Include="..\\Lib\\Lib.csproj" />'));
    const stale = await mesh(['generate', '--check', 'dockerfiles'], { cwd: folder.path });
    expect(stale.exitCode).toBe(1);
    expect(stale.stdout).toMatch(/^\+COPY src\/Lib\/Lib.csproj src\/Lib\/$/m);
    expect(await generated()).toMatch(/^wrote 1, /);

    // Nobody read it before, since it was not there.
    folder.write('Directory.Build.props', '<Project />');
    expect(await generated()).toMatch(/^wrote 1, /);
    expect(dockerfile()).toContain('COPY Directory.Build.props ./');

    folder.write('src/Api/Api.csproj', api('<ProjectReference Include="../Gone/Gone.csproj" />'));
    const broken = await mesh(['generate'], { cwd: folder.path });
    expect(broken.exitCode).toBe(2);
    expect(broken.stderr).toContain('src/Api/Api.csproj:1:76 error MESH1602');
    // What is about no Dockerfile goes on.
    expect((await mesh(['generate', 'compose'], { cwd: folder.path })).exitCode).toBe(0);
    expect((await mesh(['dev', 'ports'], { cwd: folder.path })).exitCode).toBe(0);
  });

  it('does not overwrite a file that was edited by hand, unless forced', async () => {
    using folder = temporaryFolder(TOSKAMESH);
    await mesh(['generate'], { cwd: folder.path });
    const file = path.join(folder.path, COMPOSE);
    const edited = `${readFileSync(file, 'utf8')}# mine\n`;
    writeFileSync(file, edited);
    const refused = await mesh(['generate'], { cwd: folder.path });
    expect(refused.exitCode).toBe(1);
    expect(refused.stderr).toContain(`${COMPOSE} was edited by hand`);
    expect(readFileSync(file, 'utf8')).toBe(edited);
    expect((await mesh(['generate', '--force'], { cwd: folder.path })).exitCode).toBe(0);
    expect(readFileSync(file, 'utf8')).not.toContain('# mine');
  });

  it('prints to stdout without touching the disk', async () => {
    using folder = temporaryFolder(TOSKAMESH);
    const result = await mesh(['generate', '--stdout', 'compose'], { cwd: folder.path });
    expect(result.stdout).toMatch(/^# Generated by mesh/);
    expect(readdirSync(folder.path)).toEqual(['mesh.yaml']);
  });

  it('refuses a secret that is too short, with its place and without its value', async () => {
    using folder = temporaryFolder({ ...TOSKAMESH, '.mesh/secrets.env': 'MESH_SECRET_JWT=tooshort\n' });
    const result = await mesh(['generate'], { cwd: folder.path });
    expect(result.exitCode).toBe(2);
    expect(result.stderr).toContain('.mesh/secrets.env:1:1');
    expect(result.stderr).toContain('secret "jwt" has 8 bytes in .mesh/secrets.env; it needs at least 32');
    expect(result.stderr).not.toContain('tooshort');
  });

  it('knows the published schemas', async () => {
    for (const what of ['manifest', 'events']) {
      const { stdout } = await mesh(['schema', what], { cwd: ROOT });
      expect(stdout).toBe(readFileSync(path.join(ROOT, 'schema', `${what}.json`), 'utf8'));
    }
  });
});
