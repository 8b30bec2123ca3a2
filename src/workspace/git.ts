import { spawnSync } from 'node:child_process';
import { MeshError } from '../diagnostics/mesh-error.ts';

/** Asks git about one working tree. */
export interface Git {
  /** @throws MeshError MESH2061 with git's own words, or when there is no git */
  readonly run: (...args: readonly string[]) => string;
  /** The same, with nothing where git says no. */
  readonly try: (...args: readonly string[]) => string | undefined;
}

/** Enough for the names of all files of a large repository. */
const MAX_OUTPUT = 256 * 1024 * 1024;

export function openGit(folder: string, env: NodeJS.ProcessEnv): Git {
  const call = (args: readonly string[]) => {
    const result = spawnSync('git', ['-C', folder, ...args], { encoding: 'utf8', env, maxBuffer: MAX_OUTPUT });
    if (result.error !== undefined) {
      throw new MeshError(`git cannot be run: ${result.error.message}`, { code: 'MESH2061', cause: result.error });
    }
    return result;
  };
  return {
    run: (...args) => {
      const { status, stdout, stderr } = call(args);
      if (status === 0) return stdout;
      const words = stderr.trim().split('\n')[0] ?? '';
      throw new MeshError(`git ${args[0] ?? ''}: ${words.replace(/^fatal: /, '')}`, { code: 'MESH2061' });
    },
    try: (...args) => {
      const { status, stdout } = call(args);
      return status === 0 ? stdout : undefined;
    },
  };
}

/** The short id of the commit that is checked out; with `-dirty` when a file differs from it. */
export function shortSha(git: Git): string {
  const sha = git.run('rev-parse', '--short', 'HEAD').trim();
  return git.run('status', '--porcelain').trim() === '' ? sha : `${sha}-dirty`;
}

/** The branch; where a CI system checked out a commit alone, what it says the branch is. */
export function branchName(git: Git, env: NodeJS.ProcessEnv): string {
  const branch = git.run('rev-parse', '--abbrev-ref', 'HEAD').trim();
  if (branch !== 'HEAD') return branch;
  return env.GITHUB_HEAD_REF || env.GITHUB_REF_NAME || 'detached';
}

/**
 * The revision that a change is compared with when none is named: where it left the branch that it goes to; on that
 * branch itself, the commit before.
 */
export function usualBase(git: Git, env: NodeJS.ProcessEnv): string {
  const target = env.GITHUB_BASE_REF ? `origin/${env.GITHUB_BASE_REF}` : 'origin/HEAD';
  const head = git.run('rev-parse', 'HEAD').trim();
  const base = git.try('merge-base', 'HEAD', target)?.trim();
  return base === undefined || base === head ? 'HEAD~1' : base;
}

/**
 * Absolute paths of the files that differ between a revision and the working tree, new ones that git does not ignore
 * included.
 *
 * @throws MeshError MESH2061 when the revision does not exist here
 */
export function changedSince(git: Git, revision: string): string[] {
  if (git.try('rev-parse', '--verify', '--quiet', `${revision}^{commit}`) === undefined) {
    throw new MeshError(`git does not know the revision ${revision} here`, {
      code: 'MESH2061',
      hint: 'name another one with --since; a shallow clone of CI has only the newest commits (fetch-depth: 0)',
    });
  }
  const top = git.run('rev-parse', '--show-toplevel').trim();
  const changed = git.run('diff', '--name-only', '--no-renames', '-z', revision, '--');
  const fresh = git.run('ls-files', '--others', '--exclude-standard', '--full-name', '-z', top);
  const names = `${changed}${fresh}`.split('\0').filter((name) => name !== '');
  return [...new Set(names)].sort().map((name) => `${top}/${name}`);
}
