import { createDockerEngine } from '../engine/docker/docker-engine.ts';
import { environmentFor, findDockerHost } from '../engine/docker/docker-host.ts';
import { systemClock } from '../time/clock.ts';
import type { EngineBase, OpenEngine } from './opened-engine.ts';

/** @throws MeshError MESH2001 when no engine answers */
export async function openDocker(base: EngineBase): Promise<OpenEngine> {
  const { project, io, secret, variable } = base;
  const { root } = project;
  const host = findDockerHost({ env: io.env, home: io.home, uid: io.uid });
  const command = { ...io.env, ...environmentFor(host, io.env) };
  // Compose reads its env file by rules of its own (it expands `$x`); what stands in its environment it takes as it is.
  const values = project.mesh.secrets.map(({ name, variable: carrier }) => [carrier, secret(name)] as const);
  const env = { ...command, ...Object.fromEntries(values) };
  const engine = await createDockerEngine({ host, root, env, secret, variable });
  return {
    engine,
    host,
    ...base,
    because: undefined,
    outdated: async (mesh, nodes) => {
      const { outdatedImages } = await import('../build/outdated-images.ts');
      const { createImageStore } = await import('../engine/docker/image-store.ts');
      return outdatedImages({ mesh, root, nodes, images: createImageStore(host), clock: systemClock });
    },
    build: async (mesh, nodes, emit, signal) => {
      const { buildImages } = await import('../build/build-images.ts');
      const { createImageStore } = await import('../engine/docker/image-store.ts');
      const machine = { mesh, root, env: command, home: io.home, clock: systemClock, emit, signal, secret };
      return buildImages(machine, nodes, createImageStore(host));
    },
  };
}
