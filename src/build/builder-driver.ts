import { runDocker } from '../engine/docker/compose-command.ts';

/**
 * The driver of the buildx builder that is in use: `docker` is BuildKit inside of the engine.
 *
 * @throws MeshError MESH2002 when there is no docker command; the signal's reason when it was aborted
 */
export async function findBuilderDriver(env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<string> {
  const { stdout } = await runDocker(['buildx', 'inspect'], { cwd: '/', env, signal });
  return /^Driver:\s*(\S+)/m.exec(stdout)?.[1] ?? 'docker';
}
