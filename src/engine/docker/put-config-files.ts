import type Dockerode from 'dockerode';
import { containerAddress } from '../../mesh/address.ts';
import type { Mesh } from '../../mesh/mesh.ts';
import { joinValue, type Value } from '../../mesh/value.ts';
import type { Instance } from '../../plan/observed.ts';
import { packFiles } from './config-archive.ts';
import type { DockerEngineOptions } from './docker-engine-options.ts';

/** Compose puts config files in when it starts a container; we start it ourselves, so we put them in. */
export async function putConfigFiles(
  docker: Dockerode,
  instance: Instance,
  mesh: Mesh,
  options: DockerEngineOptions,
): Promise<void> {
  const node = mesh.nodes.find((candidate) => candidate.name === instance.node);
  if (node === undefined || node.files.length === 0 || instance.state === 'running') return;
  const text = (value: Value) => containerText(mesh, value, options);
  const archive = await packFiles(node.files.map((file) => ({ path: file.path, text: text(file.content) })));
  await docker.getContainer(instance.id).putArchive(archive, { path: '/' });
}

/** A value as a container reads it, with secrets and variables filled in. */
function containerText(mesh: Mesh, value: Value, options: DockerEngineOptions): string {
  return joinValue(value, {
    text: (part) => part.text,
    secret: (part) => options.secret(part.name),
    variable: (part) => options.variable(part.name) ?? part.fallback ?? '',
    address: (part) => containerAddress(mesh, part),
  });
}
