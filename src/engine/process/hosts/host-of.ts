import type { MeshNode } from '../../../mesh/mesh.ts';
import { consul } from './consul.ts';
import type { Host } from './host.ts';
import { imageRepository } from './image-repository.ts';
import { postgres } from './postgres.ts';
import { prometheus } from './prometheus.ts';
import { rabbitmq } from './rabbitmq.ts';
import { redis } from './redis.ts';

const HOSTS: readonly Host[] = [postgres, redis, rabbitmq, consul, prometheus];

/** The host of a node that is a known server's image, and that is not told how to run. */
export function hostOf(node: MeshNode): Host | undefined {
  if (node.build !== undefined || node.run?.command !== undefined) return undefined;
  const repository = imageRepository(node.image);
  return HOSTS.find((host) => host.images.includes(repository));
}

export function sparePortsOf(node: MeshNode): readonly string[] {
  return hostOf(node)?.sparePorts ?? [];
}

/** Every program that is worth looking for. */
export const PROGRAMS: readonly string[] = [...HOSTS.flatMap((host) => host.programs), 'npm', 'dotnet'];
