import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { MeshError } from '../../../src/diagnostics/mesh-error.ts';
import {
  openStateFolder,
  readFileIfThere,
  readState,
  writeFileWhole,
  writeState,
} from '../../../src/workspace/state-folder.ts';
import { createTemporaryFolder } from '../temporary-folder.ts';

describe('openStateFolder', () => {
  it('makes a private folder that git ignores, once', () => {
    using folder = createTemporaryFolder();
    const state = openStateFolder(folder.path);
    expect(statSync(state).mode & 0o777).toBe(0o700);
    expect(readFileSync(path.join(state, '.gitignore'), 'utf8').split('\n')).toContain('*');
    chmodSync(state, 0o750);
    expect(openStateFolder(folder.path)).toBe(state);
    expect(statSync(state).mode & 0o777).toBe(0o750);
  });

  it('says what it cannot make', () => {
    using folder = createTemporaryFolder();
    folder.write('.mesh', 'a file');
    expect(() => openStateFolder(folder.path)).toThrow(MeshError);
    expect(() => openStateFolder(folder.path)).toThrow(/\.mesh: /);
  });
});

describe('writeFileWhole', () => {
  it('makes the folders and leaves nothing but the file', () => {
    using folder = createTemporaryFolder();
    const file = path.join(folder.path, 'a/b/c.txt');
    writeFileWhole(file, 'one');
    writeFileWhole(file, 'two', 0o600);
    expect(readFileSync(file, 'utf8')).toBe('two');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(path.dirname(file))).toEqual(['c.txt']);
  });

  it('leaves the old file and no half of a new one when it fails', () => {
    using folder = createTemporaryFolder();
    mkdirSync(path.join(folder.path, 'taken/inside'), { recursive: true });
    expect(() => writeFileWhole(path.join(folder.path, 'taken'), 'x')).toThrow(MeshError);
    expect(readdirSync(folder.path)).toEqual(['taken']);
  });
});

describe('reading', () => {
  const isNumber = (value: unknown): value is number => typeof value === 'number';

  it('knows a missing file from one that cannot be read', () => {
    using folder = createTemporaryFolder();
    const file = folder.write('f', 'text');
    expect(readFileIfThere(file)).toBe('text');
    expect(readFileIfThere(path.join(folder.path, 'none'))).toBeUndefined();
    expect(readFileIfThere(path.join(file, 'below-a-file'))).toBeUndefined();
    expect(() => readFileIfThere(folder.path)).toThrow(MeshError);
  });

  it('takes state that it cannot understand for none', () => {
    using folder = createTemporaryFolder();
    const file = path.join(folder.path, 'state.json');
    expect(readState(file, isNumber)).toBeUndefined();
    writeState(file, 7);
    expect(readState(file, isNumber)).toBe(7);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    writeState(file, 'seven');
    expect(readState(file, isNumber)).toBeUndefined();
    folder.write('state.json', '{"half":');
    expect(readState(file, isNumber)).toBeUndefined();
    expect(existsSync(file)).toBe(true);
  });
});
