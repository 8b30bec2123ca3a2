import { existsSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { openTemporaryFolder } from '../../../src/workspace/temporary-folder.ts';

it('is private, and gone with what is in it when it is disposed of', () => {
  const folder = openTemporaryFolder('mesh-test-');
  writeFileSync(path.join(folder.path, 'npmrc'), 'token');
  expect(statSync(folder.path).mode & 0o777).toBe(0o700);
  folder[Symbol.dispose]();
  expect(existsSync(folder.path)).toBe(false);
});

it('is gone when the program ends before that, and asks for nothing afterwards', () => {
  const before = process.listeners('exit');
  const folder = openTemporaryFolder('mesh-test-');
  const atExit = process.listeners('exit').filter((listener) => !before.includes(listener));
  for (const listener of atExit) listener(130);
  expect(existsSync(folder.path)).toBe(false);
  folder[Symbol.dispose]();
  expect(process.listeners('exit')).toEqual(before);
});
