import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { renderErrorsDoc } from '../../scripts/docs/errors-doc.ts';
import { renderKubernetesFields } from '../../scripts/docs/kubernetes-fields.ts';
import { renderManifestDoc } from '../../scripts/docs/manifest-doc.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(path.join(ROOT, file), 'utf8');

describe('generated references are in step with the code', () => {
  it('docs/errors.md', () => {
    expect(read('docs/errors.md')).toBe(renderErrorsDoc());
  });

  it('docs/manifest.md', () => {
    expect(read('docs/manifest.md')).toBe(renderManifestDoc(read('test/golden/readme/mesh.yaml')));
  });

  it('the fields of Kubernetes', () => {
    expect(read('src/audit/schema/kubernetes-fields.json')).toBe(renderKubernetesFields());
  });

  it('the README shows the manifest that a golden case checks', () => {
    expect(read('README.md')).toContain(`\`\`\`yaml\n${read('test/golden/readme/mesh.yaml')}\`\`\``);
  });
});
