import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

export interface TemporaryFolder extends Disposable {
  readonly path: string;
  readonly write: (file: string, text: string) => void;
}

/** A folder for one test; its name has a space, since paths with spaces have to work. */
export function temporaryFolder(files: Readonly<Record<string, string>> = {}): TemporaryFolder {
  const folder = mkdtempSync(path.join(tmpdir(), 'mesh test '));
  const write = (file: string, text: string) => {
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    writeFileSync(path.join(folder, file), text);
  };
  for (const [file, text] of Object.entries(files)) write(file, text);
  return { path: folder, write, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
}
