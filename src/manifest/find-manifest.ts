import { existsSync } from 'node:fs';
import path from 'node:path';
import { MeshError } from '../diagnostics/mesh-error.ts';

export const MANIFEST_NAME = 'mesh.yaml';

/**
 * The absolute path of the manifest: the named file, or mesh.yaml in the working folder or one above it.
 *
 * @throws MeshError MESH1001 when there is none
 */
export function findManifest(options: { readonly cwd: string; readonly file?: string | undefined }): string {
  if (options.file !== undefined) return path.resolve(options.cwd, options.file);
  for (let folder = options.cwd; ; folder = path.dirname(folder)) {
    const candidate = path.join(folder, MANIFEST_NAME);
    if (existsSync(candidate)) return candidate;
    if (path.dirname(folder) === folder) break;
  }
  throw new MeshError(`no ${MANIFEST_NAME} in ${options.cwd} or in a folder above it`, {
    code: 'MESH1001',
    exitCode: 2,
    hint: `go to your project, name the file with -f, or make a ${MANIFEST_NAME} that says \`extends: toskamesh\``,
  });
}

/** Relative near the working folder, absolute elsewhere: what can be pasted back into the shell. */
export function displayPath(absolute: string, cwd: string): string {
  const relative = path.relative(cwd, absolute);
  return relative.startsWith(`..${path.sep}..${path.sep}..`) || path.isAbsolute(relative) ? absolute : relative;
}
