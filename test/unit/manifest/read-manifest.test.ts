import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { readManifest } from '../../../src/manifest/read-manifest.ts';
import { createTemporaryFolder } from '../temporary-folder.ts';

const MANIFEST = 'name: shop\nservices: { web: { image: a } }\n';

describe('readManifest', () => {
  it('finds mesh.yaml in a folder above', () => {
    using folder = createTemporaryFolder();
    folder.write('mesh.yaml', MANIFEST);
    const cwd = path.join(folder.path, 'a/b');
    mkdirSync(cwd, { recursive: true });
    expect(readManifest({ cwd })).toMatchObject({ root: folder.path, file: '../../mesh.yaml', environment: 'dev' });
  });

  it('says where it looked', () => {
    using folder = createTemporaryFolder();
    expect(() => readManifest({ cwd: folder.path })).toThrow(
      expect.objectContaining({ code: 'MESH1001', exitCode: 2, message: expect.stringContaining(folder.path) }),
    );
  });

  it('says which file cannot be read', () => {
    using folder = createTemporaryFolder();
    expect(() => readManifest({ cwd: folder.path, file: 'other.yaml' })).toThrow(
      expect.objectContaining({ code: 'MESH2011', exitCode: 2, message: expect.stringContaining('other.yaml') }),
    );
  });

  it('reads a file that begins with a byte order mark', () => {
    using folder = createTemporaryFolder();
    folder.write('mesh.yaml', `\ufeff${MANIFEST}`);
    expect(readManifest({ cwd: folder.path }).manifest.name).toBe('shop');
  });

  it('lists all that it read, so that others can see when it is out of date', () => {
    using folder = createTemporaryFolder();
    folder.write('mesh.yaml', 'extends: base/mesh.yaml\n');
    folder.write('base/mesh.yaml', 'name: shop\nservices: { web: { image: a, files: { /a: { source: a.conf } } } }\n');
    folder.write('base/a.conf', 'text');
    const { inputs, sources } = readManifest({ cwd: folder.path });
    expect(inputs.map((file) => path.relative(folder.path, file)).sort()).toEqual([
      'base/a.conf',
      'base/mesh.yaml',
      'mesh.yaml',
    ]);
    expect([...sources.keys()].sort()).toEqual(['base/a.conf', 'base/mesh.yaml', 'mesh.yaml']);
  });
});
