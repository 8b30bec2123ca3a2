import { type DockerHost, findDockerHost } from '../engine/docker/docker-host.ts';
import { createDockerMachine, type DockerMachine } from '../engine/docker/docker-machine.ts';
import type { Io } from './io.ts';

/** The engine that commands here would use, without a mesh. Nothing is asked of it yet. */
export function openDockerMachine(io: Io): { readonly machine: DockerMachine; readonly host: DockerHost } {
  const host = findDockerHost({ env: io.env, home: io.home, uid: io.uid });
  return { machine: createDockerMachine(host), host };
}
