import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../support/mesh-cli.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const run = promisify(execFile);

/** Bytes; measured 0.6 MB with everything bundled. Growing beyond this should be a decision. */
const MAX_PACKED = 1_000_000;

describe('the published package', () => {
  it('is small, and works when it is installed elsewhere', async () => {
    using folder = temporaryFolder({ 'package.json': '{ "private": true, "type": "module" }' });
    const packed = await run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder.path], {
      cwd: ROOT,
    });
    const [{ filename, size, files }] = JSON.parse(packed.stdout);
    expect(size).toBeLessThan(MAX_PACKED);
    expect(files.map((file: { path: string }) => file.path)).toEqual(
      expect.arrayContaining([
        'bin/mesh.js',
        'presets/toskamesh.yaml',
        'schema/manifest.json',
        'dist/THIRD-PARTY-LICENSES.txt',
      ]),
    );
    expect(files.some((file: { path: string }) => /^(src|test|node_modules)\//.test(file.path))).toBe(false);

    await run('npm', ['install', '--omit=optional', '--no-audit', '--no-fund', path.join(folder.path, filename)], {
      cwd: folder.path,
    });
    // Everything it needs is in the bundle.
    expect(readdirSync(path.join(folder.path, 'node_modules')).filter((name) => !name.startsWith('.'))).toEqual([
      '@toskamesh',
    ]);
    folder.write('mesh.yaml', 'extends: toskamesh\n');
    const binary = path.join(folder.path, 'node_modules/.bin/mesh');
    const generated = await run(binary, ['generate'], { cwd: folder.path });
    expect(generated.stdout).toMatch(/^wrote \d+, unchanged 0$/m);
    folder.write(
      'api.js',
      "import { readManifest, resolveMesh, renderCompose } from '@toskamesh/mesh';\nconst mesh = resolveMesh(readManifest({ cwd: process.cwd() })).value;\nprocess.stdout.write(renderCompose(mesh).path);\n",
    );
    const api = await run(process.execPath, ['api.js'], { cwd: folder.path });
    expect(api.stdout).toBe('compose/docker-compose.yml');
  });
});
