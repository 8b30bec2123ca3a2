import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryNameOf } from '../../../src/workspace/state-folder.ts';
import { findNewFolders, writeFiles } from '../../../src/workspace/write-files.ts';
import { createTemporaryFolder, type TemporaryFolder } from '../temporary-folder.ts';

function textsIn(folder: TemporaryFolder): Record<string, string> {
  const files = readdirSync(folder.path, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map((entry) => path.join(entry.parentPath, entry.name)).sort();
  return Object.fromEntries(paths.map((file) => [path.relative(folder.path, file), readFileSync(file, 'utf8')]));
}

describe('files that are written', () => {
  it('stand in new folders, in old ones and beside what is there', () => {
    using folder = createTemporaryFolder();
    folder.write('old/theirs', 'kept');
    folder.write('old/stale', 'before');
    const files = ['top', 'old/stale', 'old/new/a', 'new/a', 'new/deep/b', 'new/deep/er/c'];
    writeFiles(
      folder.path,
      files.map((file) => ({ path: file, text: `text of ${file}` })),
    );
    const written = files.map((file) => [file, `text of ${file}`]);
    expect(textsIn(folder)).toEqual({ ...Object.fromEntries(written), 'old/theirs': 'kept' });
  });

  it('leave nothing of a new folder behind when one of them cannot be written', () => {
    using folder = createTemporaryFolder();
    const files = ['new/a', 'new/b', 'new/b/below-a-file'].map((file) => ({ path: file, text: 'x' }));
    expect(() => writeFiles(folder.path, files)).toThrow(expect.objectContaining({ code: 'MESH2011' }));
    expect(readdirSync(folder.path)).toEqual([]);
  });

  it('join those of somebody who made the folder at the same moment', () => {
    using folder = createTemporaryFolder();
    const meanwhile = {
      path: 'new/ours',
      get text() {
        if (!existsSync(path.join(folder.path, 'new'))) folder.write('new/theirs', 'theirs');
        return 'ours';
      },
    };
    writeFiles(folder.path, [meanwhile]);
    expect(textsIn(folder)).toEqual({ 'new/ours': 'ours', 'new/theirs': 'theirs' });
  });

  it('do not mix with what a killed run left', () => {
    using folder = createTemporaryFolder();
    folder.write(`${temporaryNameOf('new')}/half`, 'ha');
    writeFiles(folder.path, [{ path: 'new/whole', text: 'whole' }]);
    expect(textsIn(folder)).toEqual({ 'new/whole': 'whole' });
  });
});

it('the new folder of a file is the outermost one', () => {
  using folder = createTemporaryFolder();
  folder.write('old/file', '');
  const newFolderOf = findNewFolders(folder.path);
  expect(['file', 'old/file', 'old/a/b/file', 'a/b/file'].map(newFolderOf)).toEqual([
    undefined,
    undefined,
    'old/a',
    'a',
  ]);
});
