import { MeshError } from '../../diagnostics/mesh-error.ts';
import { runDocker } from './compose-command.ts';

/**
 * Pulls one image with the docker command, which knows the credentials of every registry the user signed in to.
 *
 * @throws MeshError MESH2004 with the registry's words
 */
export async function pullImage(
  image: string,
  options: { readonly cwd: string; readonly env: NodeJS.ProcessEnv; readonly signal: AbortSignal },
): Promise<void> {
  const result = await runDocker(['pull', '--quiet', image], options);
  if (result.exitCode === 0) return;
  const words = result.stderr.trim().split('\n').at(-1) ?? '';
  throw new MeshError(`image ${image} cannot be had: ${words.replace(/^Error response from daemon: /, '')}`, {
    code: 'MESH2004',
    hint: 'check the name and tag, sign in with `docker login`, or load the image by hand',
  });
}
