import { rmSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { openWorkspaceFiles, stillAnswer } from '../../../src/dotnet/workspace-files.ts';
import { createTemporaryFolder } from '../temporary-folder.ts';

it('answers hold until something that was asked for is edited, made or removed', () => {
  using folder = createTemporaryFolder();
  const file = folder.write('a.csproj', '\uFEFF<Project />');
  const files = openWorkspaceFiles();
  expect(files.read(file)).toBe('<Project />');
  expect(files.read(path.join(folder.path, 'b.props'))).toBeUndefined();
  expect(files.kind(folder.path)).toBe('folder');
  expect(files.kind(path.join(folder.path, 'global.json'))).toBeUndefined();
  const answers = files.answers();
  expect(stillAnswer(answers)).toBe(true);

  folder.write('unasked.txt', '');
  expect(stillAnswer(answers)).toBe(true);
  for (const [name, text] of [
    ['a.csproj', '<Project></Project>'],
    ['b.props', ''],
    ['global.json', '{}'],
  ] as const) {
    folder.write(name, text);
    expect(stillAnswer(answers), name).toBe(false);
    if (name === 'a.csproj') folder.write(name, '<Project />');
    else rmSync(path.join(folder.path, name));
    expect(stillAnswer(answers)).toBe(true);
  }
});
