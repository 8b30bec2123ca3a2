import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { findCheckout } from '../../../src/workspace/checkout.ts';
import { createTemporaryFolder } from '../temporary-folder.ts';

/** What `.git` says in the folder `top`, asked from a folder inside of it. */
function worktree(text: string | undefined): string | undefined {
  using folder = createTemporaryFolder();
  const inner = path.join(folder.path, 'top/a/b');
  mkdirSync(inner, { recursive: true });
  if (text === undefined) mkdirSync(path.join(folder.path, 'top/.git'));
  else folder.write('top/.git', text);
  const found = findCheckout(inner);
  expect(found.top).toBe(path.join(folder.path, 'top'));
  return found.worktree;
}

it('takes a folder .git for the main worktree', () => {
  expect(worktree(undefined)).toBeUndefined();
});

it.each([
  ['gitdir: /src/shop/.git/worktrees/feature\n', 'feature'],
  ['gitdir: C:/src/shop/.git/worktrees/feature\r\n', 'feature'],
  ['gitdir: ../shop.git/worktrees/a name', 'a name'],
  ['gitdir: /src/.bare/worktrees/x', 'x'],
  // A submodule of a linked worktree, and a worktree of a submodule.
  ['gitdir: /src/shop/.git/worktrees/feature/modules/lib/inner\n', 'feature'],
  ['gitdir: /src/shop/.git/modules/lib/worktrees/own\n', 'own'],
])('reads %j', (text, name) => {
  expect(worktree(text)).toBe(name);
});

it.each([
  'gitdir: ../.git/modules/lib\n',
  // A submodule of a clone that lies in a folder of that name.
  'gitdir: /home/me/worktrees/shop/.git/modules/lib\n',
  'nonsense',
  '',
])('takes %j for no linked worktree', (text) => {
  expect(worktree(text)).toBeUndefined();
});

it('is the folder itself outside of git', () => {
  // Whatever is above the temporary folder is no repository.
  using folder = createTemporaryFolder();
  expect(findCheckout(folder.path)).toEqual({ top: folder.path, worktree: undefined });
});
