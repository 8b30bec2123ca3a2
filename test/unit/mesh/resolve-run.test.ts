import { describe, expect, it } from 'vitest';
import { readManifest } from '../../../src/manifest/read-manifest.ts';
import type { HostRun } from '../../../src/mesh/mesh.ts';
import { resolveMesh } from '../../../src/mesh/resolve.ts';
import { createTemporaryFolder } from '../temporary-folder.ts';

/** By node; `mesh.yaml` is what is read, in the environment `dev`. */
function runsOf(files: Readonly<Record<string, string>>): Record<string, HostRun | undefined> {
  using folder = createTemporaryFolder();
  for (const [name, text] of Object.entries(files)) folder.write(name, text);
  const { value, diagnostics } = resolveMesh(readManifest({ cwd: folder.path }));
  if (value === undefined) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  return Object.fromEntries(value.nodes.map((node) => [node.name, node.run]));
}

describe('run', () => {
  it('is a text for the shell, a list, or a block; a server has it as a service has', () => {
    const text = `name: shop
infrastructure:
  text: { image: a, run: ./worker --fast }
services:
  list: { image: a, run: [node, worker.mjs] }
  block: { image: a, run: { command: ./worker, folder: src/worker/ } }
  none: { image: a }
`;
    expect(runsOf({ 'mesh.yaml': text })).toEqual({
      text: { command: ['sh', '-c', './worker --fast'], folder: '.', env: [] },
      list: { command: ['node', 'worker.mjs'], folder: '.', env: [] },
      block: { command: ['sh', '-c', './worker'], folder: 'src/worker', env: [] },
      none: undefined,
    });
  });

  it('happens where the build happens, unless it says where', () => {
    const text = `name: shop
services:
  own: { build: { dockerfile: worker/ops/Dockerfile, context: worker }, run: ./go }
  node: { build: { node: apps/node, entry: a.js }, run: [node, --inspect, a.js] }
  root: { build: { node: apps/node, entry: a.js }, run: { command: make, folder: . } }
`;
    expect(Object.values(runsOf({ 'mesh.yaml': text })).map((run) => run?.folder)).toEqual([
      'worker',
      'apps/node',
      '.',
    ]);
  });

  it('is changed and removed by whoever extends it, and its folder stays what it was', () => {
    const base = `name: shop
services:
  kept: { image: a, run: { command: ./a, folder: bin } }
  changed: { image: a, run: { command: ./a, folder: bin } }
  replaced: { image: a, run: ./a }
  removed: { image: a, run: ./a }
`;
    const text = `extends: base/mesh.yaml
services: { changed: { run: { command: [./b] } }, replaced: { run: [./b] } }
environments: { dev: { services: { removed: { run: null } } } }
`;
    expect(runsOf({ 'mesh.yaml': text, 'base/mesh.yaml': base })).toEqual({
      kept: { command: ['sh', '-c', './a'], folder: 'base/bin', env: [] },
      changed: { command: ['./b'], folder: 'base/bin', env: [] },
      replaced: { command: ['./b'], folder: '.', env: [] },
      removed: undefined,
    });
  });
});
