import path from 'node:path';
import { mapScalars, type Path, type Tree } from './tree.ts';

/**
 * A path in a manifest is relative to the file that says it. When that file is extended from another folder, its
 * paths are rewritten relative to the root of the project, which is the folder of the extending file.
 */
export function rebasePaths(tree: Tree, fromFolder: string, root: string): Tree {
  if (fromFolder === root) return tree;
  return mapScalars(tree, (scalar, at) => {
    if (typeof scalar.value !== 'string' || !isPath(at)) return scalar;
    const moved = path.relative(root, path.resolve(fromFolder, scalar.value)).split(path.sep).join('/');
    return { ...scalar, value: moved === '' ? '.' : moved };
  });
}

const BUILD_PATHS: ReadonlySet<string | number> = new Set(['dotnet', 'node', 'dockerfile', 'context', 'workspace']);

function isPath(at: Path): boolean {
  const [last, parent, grandparent] = [at.at(-1), at.at(-2), at.at(-3)];
  if (parent === 'build' && last !== undefined) return BUILD_PATHS.has(last);
  if (parent === 'references' && grandparent === 'build') return true;
  if (parent === 'run') return last === 'folder';
  return last === 'source' && grandparent === 'files';
}
