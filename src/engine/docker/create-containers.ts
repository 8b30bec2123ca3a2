import { existsSync } from 'node:fs';
import path from 'node:path';
import type Dockerode from 'dockerode';
import { COMPOSE_FOLDER, composeFileOf } from '../../mesh/compose-file.ts';
import { type Mesh, nodeOf, replicaName } from '../../mesh/mesh.ts';
import type { ConvergeRequest } from '../engine.ts';
import { runCompose } from './compose-command.ts';
import type { DockerEngineOptions } from './docker-engine-options.ts';
import { observeDocker } from './observe.ts';

/** A mesh without secrets has no such file. */
const ENV_FILE = path.posix.join('.mesh', 'secrets.env');

/**
 * `docker compose create` on the generated file. Compose decides by a hash which containers to make anew, and config
 * files are not in it; what must be new and was left alone is forced.
 */
export async function createContainers(
  docker: Dockerode,
  options: DockerEngineOptions,
  request: Omit<ConvergeRequest, 'remove'>,
  signal: AbortSignal,
): Promise<void> {
  const { mesh, nodes, anew } = request;
  const context = {
    root: options.root,
    project: mesh.project,
    composeFile: composeFileOf(mesh),
    folder: COMPOSE_FOLDER,
    envFile: existsSync(path.join(options.root, ENV_FILE)) ? ENV_FILE : undefined,
    env: options.env,
  };
  const create = ['create', '--no-build', '--pull', 'never'];
  const before = anew.length === 0 ? new Map<string, string>() : await idsOf(docker, mesh);
  await runCompose(context, [...create, ...servicesOf(mesh, nodes)], signal);
  if (anew.length === 0) return;
  const after = await idsOf(docker, mesh);
  const left = anew.filter((node) => before.has(node) && before.get(node) === after.get(node));
  if (left.length > 0) await runCompose(context, [...create, '--force-recreate', ...servicesOf(mesh, left)], signal);
}

/** Each replica is a service of its own in the file. */
function servicesOf(mesh: Mesh, nodes: readonly string[]): string[] {
  return nodes.flatMap((name) =>
    Array.from({ length: nodeOf(mesh, name).replicas }, (_, index) => replicaName(name, index + 1)),
  );
}

/** Node → the ids of its containers, as one text. */
async function idsOf(docker: Dockerode, mesh: Mesh): Promise<Map<string, string>> {
  const { instances } = await observeDocker(docker, mesh.project, []);
  const ids = new Map<string, string>();
  for (const { node, id } of instances) ids.set(node, [...(ids.get(node) ?? '').split(' '), id].sort().join(' '));
  return ids;
}
