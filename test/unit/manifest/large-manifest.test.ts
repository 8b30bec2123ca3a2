import { expect, it } from 'vitest';
import { readManifest } from '../../../src/manifest/read-manifest.ts';
import { resolveMesh } from '../../../src/mesh/resolve.ts';
import { renderCompose } from '../../../src/render/compose/render-compose.ts';
import { renderDockerfiles } from '../../../src/render/dockerfile/render-dockerfiles.ts';
import { createTemporaryFolder } from '../temporary-folder.ts';
import { generateManifest } from './generate-manifest.ts';

it('takes a thousand services', () => {
  using folder = createTemporaryFolder();
  folder.write('mesh.yaml', generateManifest(1000));
  const resolved = resolveMesh(readManifest({ cwd: folder.path }));
  expect(resolved.diagnostics).toEqual([]);
  expect(resolved.value?.nodes).toHaveLength(1001);
  if (resolved.value === undefined) return;
  const compose = renderCompose(resolved.value).text;
  for (let number = 0; number < 1000; number++) expect(compose).toContain(`\n  service-${number}:\n`);
  expect(renderDockerfiles(resolved.value)).toHaveLength(2000);
});
