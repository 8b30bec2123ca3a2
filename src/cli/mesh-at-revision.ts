import { mkdirSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { messageOf } from '../diagnostics/mesh-error.ts';
import { readManifest } from '../manifest/read-manifest.ts';
import type { Mesh } from '../mesh/mesh.ts';
import { resolveMesh } from '../mesh/resolve.ts';
import type { Git } from '../workspace/git.ts';
import { openGit } from '../workspace/git.ts';
import { openTemporaryFolder } from '../workspace/temporary-folder.ts';
import type { Project } from './project.ts';

/**
 * The mesh as the manifest of a revision says it. Of its files, only those are checked out that a manifest is made of;
 * all of the project's where that is not enough.
 */
export function meshAtRevision(
  project: Project,
  git: Git,
  revision: string,
  env: NodeJS.ProcessEnv,
): Mesh | { readonly unknown: string } {
  using folder = openTemporaryFolder('mesh-revision-');
  const top = git.run('rev-parse', '--show-toplevel').trim();
  const checkOut = createCheckOut(top, revision, folder.path, env);
  const root = path.relative(top, realpathSync(project.root));
  const file = path.join(folder.path, 'tree', root, path.basename(project.file));
  let problem = '';
  for (const patterns of [[':(top,glob)**/*.yaml', ':(top,glob)**/*.yml'], [root === '' ? '.' : root]]) {
    try {
      checkOut(patterns);
      const read = readManifest({ file, cwd: path.dirname(file), environment: project.mesh.environment });
      const { value } = resolveMesh({ ...read, project: project.mesh.project });
      if (value !== undefined) return value;
    } catch (error) {
      problem = messageOf(error).split('\n')[0] ?? '';
    }
  }
  return { unknown: `the manifest of ${revision} cannot be read${problem === '' ? '' : `: ${problem}`}` };
}

/** With an index of its own, so that the user's stays as it is. */
function createCheckOut(
  top: string,
  revision: string,
  folder: string,
  env: NodeJS.ProcessEnv,
): (patterns: readonly string[]) => void {
  const tree = path.join(folder, 'tree');
  mkdirSync(tree);
  const git = openGit(top, { ...env, GIT_INDEX_FILE: path.join(folder, 'index') });
  git.run('read-tree', revision);
  return (patterns) => {
    const files = git
      .run('ls-files', '-z', '--', ...patterns)
      .split('\0')
      .filter((name) => name !== '');
    // The names of a large repository do not fit on one command line.
    for (let start = 0; start < files.length; start += 500) {
      git.run('checkout-index', '--force', `--prefix=${tree}/`, '--', ...files.slice(start, start + 500));
    }
  };
}
