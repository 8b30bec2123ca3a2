import { arch } from 'node:os';
import { runDocker } from '../engine/docker/compose-command.ts';

/** The buildx builder that is in use. */
export interface BuilderInUse {
  /** `docker` is BuildKit inside of the engine. */
  readonly driver: string;
  /** For which it builds when nobody names one. */
  readonly platform: string;
}

/** Names of Node.js → those of images. */
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386' };

/** @throws MeshError MESH2002 when there is no docker command; the signal's reason when it was aborted */
export async function findBuilder(env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<BuilderInUse> {
  const { stdout } = await runDocker(['buildx', 'inspect'], { cwd: '/', env, signal });
  return readBuilder(stdout);
}

/** What `docker buildx inspect` says. A builder that has not been started yet tells no platforms. */
export function readBuilder(text: string): BuilderInUse {
  return {
    driver: /^Driver:\s*(\S+)/m.exec(text)?.[1] ?? 'docker',
    platform: /^Platforms:\s*([^\s,*]+)/m.exec(text)?.[1] ?? `linux/${ARCHITECTURES[arch()] ?? arch()}`,
  };
}
