import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

export interface Repository extends Disposable {
  /** The folder that everything below lies in. */
  readonly path: string;
  /** The main worktree. */
  readonly main: string;
  /** Where the meshes of this test are listed. */
  readonly stateFolder: string;
  /** Adds a linked worktree beside the main one, on a branch of its own. @returns its folder */
  readonly addWorktree: (name: string) => string;
  /** A clone beside the main worktree. @returns its folder */
  readonly clone: (name: string) => string;
  readonly status: (folder: string) => string;
}

/** A real git repository with these files committed, in a folder whose name has a space. */
export function repository(files: Readonly<Record<string, string>>): Repository {
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'mesh worktrees ')));
  const main = path.join(folder, 'main');
  const git = (cwd: string, ...args: string[]) => execFileSync('git', args, { cwd, env: gitEnv(), encoding: 'utf8' });
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(main, file)), { recursive: true });
    writeFileSync(path.join(main, file), text);
  }
  git(main, 'init', '--quiet', '--initial-branch=main');
  git(main, 'add', '--all');
  git(main, 'commit', '--quiet', '--message', 'Begin');
  return {
    path: folder,
    main,
    stateFolder: path.join(folder, 'state'),
    addWorktree: (name) => {
      git(main, 'worktree', 'add', '--quiet', '-b', `branch-of-${name}`, path.join(folder, name));
      return path.join(folder, name);
    },
    clone: (name) => {
      git(folder, 'clone', '--quiet', main, name);
      return path.join(folder, name);
    },
    status: (cwd) => git(cwd, 'status', '--porcelain'),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Nothing of the user's own set-up: neither who they are, nor hooks or signing. */
function gitEnv(): NodeJS.ProcessEnv {
  const who = { NAME: 'Test', EMAIL: 'test@example.com' };
  const names = Object.entries(who).flatMap(([key, value]) => [
    [`GIT_AUTHOR_${key}`, value],
    [`GIT_COMMITTER_${key}`, value],
  ]);
  const { PATH } = process.env;
  return { PATH, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1', ...Object.fromEntries(names) };
}
