// Writes the published JSON Schemas from the code; a test checks that the committed ones are the same.
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
mkdirSync(path.join(root, 'schema'), { recursive: true });
for (const what of ['manifest', 'events']) {
  const text = execFileSync(process.execPath, [path.join(root, 'bin', 'mesh.js'), 'schema', what], {
    encoding: 'utf8',
  });
  writeFileSync(path.join(root, 'schema', `${what}.json`), text);
}
