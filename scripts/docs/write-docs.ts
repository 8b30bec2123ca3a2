// Writes the generated references. `npm run docs`; a test checks that the committed ones are the same.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { renderErrorsDoc } from './errors-doc.ts';
import { renderKubernetesFields } from './kubernetes-fields.ts';
import { renderManifestDoc } from './manifest-doc.ts';

const root = path.resolve(import.meta.dirname, '../..');
const example = readFileSync(path.join(root, 'test/golden/readme/mesh.yaml'), 'utf8');
writeFileSync(path.join(root, 'docs/errors.md'), renderErrorsDoc());
writeFileSync(path.join(root, 'docs/manifest.md'), renderManifestDoc(example));
writeFileSync(path.join(root, 'src/audit/schema/kubernetes-fields.json'), renderKubernetesFields());
