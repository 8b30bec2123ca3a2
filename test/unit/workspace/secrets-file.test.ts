import { existsSync, mkdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { renderDiagnostic } from '../../../src/diagnostics/code-frame.ts';
import { InvalidInput } from '../../../src/diagnostics/mesh-error.ts';
import type { Mesh, Secret } from '../../../src/mesh/mesh.ts';
import {
  linkSecretsForCompose,
  loadSecrets,
  parseEnvFile,
  readSecrets,
  SECRETS_FILE,
} from '../../../src/workspace/secrets-file.ts';
import { AT, meshWith } from '../render/mesh-builder.ts';
import { createTemporaryFolder } from '../temporary-folder.ts';

function meshOf(...secrets: readonly (Partial<Secret> & { readonly name: string })[]): Mesh {
  return meshWith({
    secrets: secrets.map((secret) => ({
      variable: `MESH_SECRET_${secret.name.toUpperCase()}`,
      minLength: 16,
      at: AT,
      ...secret,
    })),
  });
}

const parse = (text: string) =>
  Object.fromEntries([...parseEnvFile({ file: 'f', text })].map(([name, line]) => [name, line.value]));

/** The problems that a call is refused for, as a person sees them. */
function refusal(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    if (error instanceof InvalidInput) {
      return error.diagnostics.map((diagnostic) => renderDiagnostic(diagnostic, error.sources)).join('\n');
    }
    throw error;
  }
  return 'not refused';
}

describe('loadSecrets', () => {
  it('makes what is missing, for this user only, and keeps it', () => {
    using folder = createTemporaryFolder();
    const first = loadSecrets(folder.path, meshOf({ name: 'jwt' }, { name: 'db', minLength: 100 }), {});
    expect(first.made).toEqual(['jwt', 'db']);
    expect(first.values.get('jwt')).toMatch(/^[A-Za-z0-9]{43}$/);
    expect(first.values.get('db')).toHaveLength(100);
    const file = path.join(folder.path, SECRETS_FILE);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(path.dirname(file)).mode & 0o777).toBe(0o700);
    const second = loadSecrets(folder.path, meshOf({ name: 'jwt' }, { name: 'db', minLength: 100 }), {});
    expect(second).toEqual({ values: first.values, made: [] });
  });

  it('appends, and leaves every other letter as it is', () => {
    using folder = createTemporaryFolder();
    const text = "# mine\n\nOTHER = 'kept'  # why\nMESH_SECRET_A=0123456789abcdef";
    folder.write(SECRETS_FILE, text);
    loadSecrets(folder.path, meshOf({ name: 'a' }, { name: 'b' }), {});
    const after = readFileSync(path.join(folder.path, SECRETS_FILE), 'utf8');
    expect(after.startsWith(`${text}\nMESH_SECRET_B=`)).toBe(true);
    expect(after.split('\n')).toHaveLength(6);
  });

  it('makes the file private again when it gains a secret', () => {
    using folder = createTemporaryFolder();
    folder.write(SECRETS_FILE, '# open to all\n');
    loadSecrets(folder.path, meshOf({ name: 'a' }), {});
    expect(statSync(path.join(folder.path, SECRETS_FILE)).mode & 0o777).toBe(0o600);
  });

  it('takes the environment before the file, the file before the default, and writes none of these', () => {
    using folder = createTemporaryFolder();
    const text = 'MESH_SECRET_A=from-the-file-file\nMESH_SECRET_B=from-the-file-file\n';
    folder.write(SECRETS_FILE, text);
    const mesh = meshOf(
      { name: 'a' },
      { name: 'b', fallback: 'from-the-manifest' },
      { name: 'c', fallback: 'from-the-manifest' },
    );
    const loaded = loadSecrets(folder.path, mesh, { MESH_SECRET_A: 'from-the-environment' });
    expect(Object.fromEntries(loaded.values)).toEqual({
      a: 'from-the-environment',
      b: 'from-the-file-file',
      c: 'from-the-manifest',
    });
    expect(loaded.made).toEqual([]);
    expect(readFileSync(path.join(folder.path, SECRETS_FILE), 'utf8')).toBe(text);
  });

  it('takes an empty variable for none', () => {
    using folder = createTemporaryFolder();
    folder.write(SECRETS_FILE, 'MESH_SECRET_A=from-the-file-file\n');
    const loaded = loadSecrets(folder.path, meshOf({ name: 'a' }), { MESH_SECRET_A: '' });
    expect(loaded).toEqual({ values: new Map([['a', 'from-the-file-file']]), made: [] });
  });

  it('writes nothing for a mesh without secrets', () => {
    using folder = createTemporaryFolder();
    loadSecrets(folder.path, meshOf(), {});
    expect(existsSync(path.join(folder.path, '.mesh'))).toBe(false);
  });

  it('links the file for docker compose, where there is a compose folder', () => {
    using folder = createTemporaryFolder();
    loadSecrets(folder.path, meshOf({ name: 'a' }), {});
    linkSecretsForCompose(folder.path);
    mkdirSync(path.join(folder.path, 'compose'));
    linkSecretsForCompose(folder.path);
    expect(readlinkSync(path.join(folder.path, 'compose/.env'))).toBe(path.join('..', SECRETS_FILE));
    expect(readFileSync(path.join(folder.path, 'compose/.env'), 'utf8')).toContain('MESH_SECRET_A=');
  });

  it('only reads for commands that look or stop, whatever state the file is in', () => {
    using folder = createTemporaryFolder();
    expect(readSecrets(folder.path, meshOf({ name: 'a' }), {}).values.size).toBe(0);
    expect(existsSync(path.join(folder.path, '.mesh'))).toBe(false);
    folder.write(SECRETS_FILE, 'what is this\n');
    expect(readSecrets(folder.path, meshOf({ name: 'a' }), {}).values.size).toBe(0);
    folder.write(SECRETS_FILE, 'MESH_SECRET_A=short\n');
    expect(readSecrets(folder.path, meshOf({ name: 'a' }), {}).values.get('a')).toBe('short');
  });

  it('refuses what is too short, in bytes, with its place and without its value', () => {
    using folder = createTemporaryFolder();
    folder.write(SECRETS_FILE, '# one\nexport MESH_SECRET_A="hunter2"\n');
    expect(refusal(() => loadSecrets(folder.path, meshOf({ name: 'a' }), {}))).toBe(
      [
        '.mesh/secrets.env:2:1 error MESH1301 secret "a" has 7 bytes in .mesh/secrets.env; it needs at least 16',
        '  1 | # one',
        '  2 | export MESH_SECRET_A=••••',
        '    | ^^^^^^^^^^^^^^^^^^^^^^^^^  hint: put a longer value there, or delete the line and a strong one is made',
      ].join('\n'),
    );
    expect(loadSecrets(folder.path, meshOf({ name: 'a' }), { MESH_SECRET_A: 'éééééééé' }).values.get('a')).toBe(
      'éééééééé',
    );
  });

  it('says where else a short value comes from', () => {
    using folder = createTemporaryFolder();
    expect(refusal(() => loadSecrets(folder.path, meshOf({ name: 'a' }), { MESH_SECRET_A: 'hunter2' }))).toBe(
      'mesh.yaml:1:1 error MESH1301 secret "a" has 7 bytes in the environment variable MESH_SECRET_A; it needs at least 16\n  hint: set a longer value',
    );
    expect(refusal(() => loadSecrets(folder.path, meshOf({ name: 'a', fallback: 'guest' }), {}))).toBe(
      'mesh.yaml:1:1 error MESH1301 secret "a" has 5 bytes in its `default`; it needs at least 16\n  hint: give it a longer default, or none and a strong one is made',
    );
    expect(existsSync(path.join(folder.path, '.mesh'))).toBe(false);
  });
});

describe('parseEnvFile', () => {
  it.each([
    ['A=b', 'b'],
    ['A = b ', 'b'],
    ['export A=b', 'b'],
    ['A=', ''],
    ['A=b # why', 'b'],
    ['A=b#c', 'b#c'],
    ['A=#c', ''],
    ['A=b=c==', 'b=c=='],
    ["A='b # $c \\n'", 'b # $c \\n'],
    ["A='b' # why 'not'", 'b'],
    ['A="b\\n\\"c\\" \\$d \\\\"', 'b\n"c" $d \\'],
    ['A="b" # "c"', 'b'],
    ["A=it's", "it's"],
    ['A=b\r', 'b'],
  ])('%j', (line, value) => {
    expect(parse(line)).toEqual({ A: value });
  });

  it('lets the last line of a name win, and skips comments and empty lines', () => {
    expect(parse('# a\n\n  # b\nA=1\nB=2\nA=3\n')).toEqual({ A: '3', B: '2' });
  });

  it('refuses every bad line, and prints none of it', () => {
    const text = 'A=fine\nsecret-token-alone\n1A=secret\nB="open secret\nC=\'open secret\nD="x" y\nx#y=secret\n';
    const refused = refusal(() => parse(text));
    expect(refused.match(/MESH1302/g)).toHaveLength(6);
    expect(refused).not.toMatch(/secret(?!s)|fine|open/);
    expect(refused).toContain('f:2:1 error MESH1302 expected NAME=value');
    expect(refused).toContain('f:4:1 error MESH1302 B: a quote is not closed');
  });
});
