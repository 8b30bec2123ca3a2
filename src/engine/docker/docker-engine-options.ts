import type { DockerHost } from './docker-host.ts';

export interface DockerEngineOptions {
  readonly host: DockerHost;
  /** Absolute path of the project's folder. */
  readonly root: string;
  /** The environment of the docker command, which reads DOCKER_HOST, credentials and secrets from it. */
  readonly env: NodeJS.ProcessEnv;
  readonly secret: (name: string) => string;
  readonly variable: (name: string) => string | undefined;
}
