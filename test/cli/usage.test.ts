import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { mesh, ROOT } from '../support/mesh-cli.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const HERE = { cwd: ROOT };
const GOOD = 'name: shop\nservices:\n  web: { image: busybox, endpoints: { http: 8080 } }\n';
const BAD = 'name: shop\nservices:\n  web: { image: busybox, endpoints: { http: 99999 }, helth: {} }\n';

describe('mesh', () => {
  it('prints its version', async () => {
    const { version } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
    for (const flag of ['--version', '-V'])
      expect(await mesh([flag], HERE)).toMatchObject({ exitCode: 0, stdout: `${version}\n` });
  });

  it('has help with examples for every command', async () => {
    for (const args of [
      [],
      ['dev'],
      ['generate'],
      ['build'],
      ['schema'],
      ['completion'],
      ...DEV.map((verb) => ['dev', verb]),
    ]) {
      const result = await mesh([...args, '--help'], HERE);
      expect(result.exitCode).toBe(0);
      expect(result.stdout).toContain(`Usage: mesh ${args.join(' ')}`.trimEnd());
      if (args[0] !== 'dev' || args.length === 2) expect(result.stdout).toContain('Examples:');
    }
  });

  it('exits with 2 on wrong usage and says what was wrong', async () => {
    const cases: [string[], RegExp][] = [
      [['dev', 'upp'], /unknown command 'upp'[\s\S]*Did you mean up\?/],
      [['dev', 'up', '--tineout', '3'], /unknown option '--tineout'[\s\S]*--timeout/],
      [['dev', 'up', '--timeout', 'soon'], /Expected a duration such as 30s/],
      [['dev', 'restart'], /missing required argument/],
      [['schema', 'x'], /there is no schema "x"/],
      [['completion', 'tcsh'], /there is no completion for "tcsh"/],
    ];
    for (const [args, words] of cases) {
      const result = await mesh(args, HERE);
      expect(result.stderr).toMatch(words);
      expect(result.exitCode).toBe(2);
      expect(result.stdout).toBe('');
    }
  });

  it('prints help and exits with 2 when no command is given', async () => {
    const result = await mesh([], HERE);
    expect(result.exitCode).toBe(2);
    expect(result.stderr).toContain('Usage: mesh');
  });
});

const DEV = [
  'up',
  'down',
  'stop',
  'restart',
  'ps',
  'logs',
  'exec',
  'shell',
  'open',
  'ports',
  'plan',
  'ls',
  'prune',
  'doctor',
];

describe('problems', () => {
  it('shows all problems of a manifest with their lines, on stderr', async () => {
    using folder = temporaryFolder({ 'mesh.yaml': BAD });
    const result = await mesh(['generate'], { cwd: folder.path });
    expect(result.exitCode).toBe(2);
    expect(result.stdout).toBe('');
    expect(result.stderr).toMatchInlineSnapshot(`
      "mesh.yaml:3:45 error MESH1101 services.web.endpoints.http: expected an integer from 1 to 65535, got 99999
        2 | services:
        3 |   web: { image: busybox, endpoints: { http: 99999 }, helth: {} }
          |                                             ^^^^^  hint: this is the port inside the container

      mesh.yaml:3:54 error MESH1102 services.web.helth: unknown key \`helth\`
        2 | services:
        3 |   web: { image: busybox, endpoints: { http: 99999 }, helth: {} }
          |                                                      ^^^^^  hint: did you mean "health"?
      2 problems in mesh.yaml
      "
    `);
  });

  it('prints them as JSON lines on stdout with --json', async () => {
    using folder = temporaryFolder({ 'mesh.yaml': BAD });
    const result = await mesh(['generate', '--json'], { cwd: folder.path });
    const problems = result.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(problems).toMatchObject([
      { v: 1, type: 'problem', code: 'MESH1101', file: 'mesh.yaml', line: 3, column: 45 },
      { v: 1, type: 'problem', code: 'MESH1102', line: 3, column: 54, hint: 'did you mean "health"?' },
    ]);
    expect(result.exitCode).toBe(2);
  });

  it('says where it looked when there is no manifest', async () => {
    using folder = temporaryFolder();
    const result = await mesh(['dev', 'plan'], { cwd: folder.path });
    expect(result.exitCode).toBe(2);
    expect(result.stderr).toContain(`no mesh.yaml in ${folder.path}`);
    expect(result.stderr).toContain('extends: toskamesh');
  });

  it('finds the manifest from a folder below', async () => {
    using folder = temporaryFolder({ 'mesh.yaml': GOOD, 'src/web/index.js': '' });
    const result = await mesh(['generate', '--stdout', 'compose'], { cwd: path.join(folder.path, 'src/web') });
    expect(result.exitCode).toBe(0);
    expect(result.stdout).toContain('image: busybox');
  });

  it('colours only when asked to, and loses nothing without', async () => {
    using folder = temporaryFolder({ 'mesh.yaml': BAD });
    const plain = await mesh(['generate'], { cwd: folder.path });
    const coloured = await mesh(['generate'], { cwd: folder.path, env: { NO_COLOR: '', FORCE_COLOR: '1' } });
    const esc = String.fromCharCode(27);
    expect(plain.stderr).not.toContain(esc);
    expect(coloured.stderr).toContain(esc);
    expect(coloured.stderr.replaceAll(new RegExp(`${esc}\\[\\d+m`, 'g'), '')).toBe(plain.stderr);
  });
});

describe('mesh __complete', () => {
  const complete = async (cwd: string, ...words: string[]) =>
    (await mesh(['__complete', '--', ...words], { cwd })).stdout.trim().split('\n');

  it('knows commands, options, services and profiles', async () => {
    using folder = temporaryFolder({ 'mesh.yaml': 'extends: toskamesh\n' });
    expect(await complete(folder.path, '')).toEqual(['build', 'completion', 'dev', 'generate', 'schema', 'verify']);
    expect(await complete(folder.path, 'dev', 're')).toEqual(['restart']);
    expect(await complete(folder.path, 'dev', 'logs', 'c')).toEqual(['config-service', 'consul', 'core']);
    expect(await complete(folder.path, 'dev', 'up', '--re')).toEqual(['--remap-ports']);
    expect(await complete(folder.path, 'dev', 'up', '--profile', '')).toEqual(['cache', 'dashboards']);
  });

  it('knows the instances of the mesh on this machine', async () => {
    using folder = temporaryFolder({ 'mesh.yaml': GOOD });
    const entry = { origin: 'asked', offset: 100, ports: [], engine: 'docker', images: [], updatedAt: '' };
    const meshes = [
      { project: 'shop-b', mesh: 'shop', instance: 'b', root: folder.path, ...entry },
      { project: 'other-c', mesh: 'other', instance: 'c', root: folder.path, ...entry },
    ];
    folder.write('state/instances.json', JSON.stringify({ v: 1, meshes }));
    const env = { MESH_STATE_DIR: `${folder.path}/state` };
    const words = ['__complete', '--', 'dev', 'logs', '--instance', ''];
    expect((await mesh(words, { cwd: folder.path, env })).stdout).toBe('b\n');
  });

  it('says nothing where there is no manifest', async () => {
    using folder = temporaryFolder();
    expect(await complete(folder.path, 'dev', 'logs', '')).toEqual(['']);
  });

  it('gives each shell a script that it can read', async () => {
    for (const shell of ['bash', 'zsh', 'fish']) {
      const { stdout, exitCode } = await mesh(['completion', shell], HERE);
      expect(exitCode).toBe(0);
      expect(stdout).toContain('mesh __complete');
    }
  });
});
