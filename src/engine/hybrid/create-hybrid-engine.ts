import { type Mesh, nodeOf } from '../../mesh/mesh.ts';
import { hostNodesOf } from '../../mesh/placement.ts';
import type { Instance } from '../../plan/observed.ts';
import type { Engine, EngineInfo } from '../engine.ts';

export interface HybridOptions {
  readonly mesh: Mesh;
  readonly containers: Engine;
  readonly processes: Engine;
  /** Whether an instance is a process of this machine. */
  readonly isProcess: (id: string) => boolean;
  /** Opens the way from containers to the nodes on the host; may be done twice. */
  readonly connect: (mesh: Mesh) => Promise<void>;
}

/**
 * Some nodes as processes of this machine, the rest in containers. Each instance belongs to the engine that made it; a
 * node that is placed elsewhere now is removed there when it is made here.
 */
export function createHybridEngine(options: HybridOptions): Engine {
  const { mesh: known, containers, processes, isProcess, connect } = options;
  const both = [containers, processes] as const;
  const engineOf = (id: string): Engine => (isProcess(id) ? processes : containers);
  const isLocal = (mesh: Mesh, node: string): boolean =>
    mesh.nodes.some(({ name, onHost }) => name === node && onHost !== undefined);

  return {
    info: describe(containers.info, known),

    async observe(project, images) {
      const local = images.filter((image) =>
        known.nodes.some((node) => node.image === image && isLocal(known, node.name)),
      );
      const others = images.filter((image) => !local.includes(image));
      const [inContainers, onHost] = await Promise.all([
        containers.observe(project, others),
        processes.observe(project, local),
      ]);
      return {
        instances: [...inContainers.instances, ...onHost.instances],
        images: { ...inContainers.images, ...onHost.images },
      };
    },

    inspect: (id) => engineOf(id).inspect(id),
    pull: (image, onProgress, signal) => containers.pull(image, onProgress, signal),

    async converge({ mesh, nodes, anew, remove }, signal) {
      const hosted = (names: readonly string[]) => names.filter((name) => isLocal(mesh, name));
      const contained = (names: readonly string[]) => names.filter((name) => !isLocal(mesh, name));
      const ofHost = (instances: readonly Instance[]) => instances.filter(({ id }) => isProcess(id));
      const ofContainers = (instances: readonly Instance[]) => instances.filter(({ id }) => !isProcess(id));
      await removeMisplaced(mesh, nodes);
      await containers.converge(
        { mesh, nodes: contained(nodes), anew: contained(anew), remove: ofContainers(remove) },
        signal,
      );
      // Only now is there a network from which containers call.
      await connect(mesh);
      const processChanges = { mesh, nodes: hosted(nodes), anew: hosted(anew), remove: ofHost(remove) };
      if (processChanges.nodes.length + processChanges.remove.length > 0)
        await processes.converge(processChanges, signal);
    },

    start: (instance, mesh, signal) => engineOf(instance.id).start(instance, mesh, signal),
    stop: (instance, graceMs) => engineOf(instance.id).stop(instance, graceMs),
    remove: (instance) => engineOf(instance.id).remove(instance),
    async removeProject(project, what) {
      const removed = await Promise.all(both.map((engine) => engine.removeProject(project, what)));
      return removed.flat();
    },
    async watch(project, onEvent, signal) {
      await Promise.all(both.map((engine) => engine.watch(project, onEvent, signal)));
    },
    async logs(request, onLine, signal) {
      await Promise.all(both.map((engine) => engine.logs(request, onLine, signal)));
    },
    exec: (request, signal) => engineOf(request.instance.id).exec(request, signal),
    portHolder: async (port) => (await containers.portHolder(port)) ?? (await processes.portHolder(port)),
    async stats(instances) {
      const [inContainers, onHost] = await Promise.all([
        containers.stats(instances.filter(({ id }) => !isProcess(id))),
        processes.stats(instances.filter(({ id }) => isProcess(id))),
      ]);
      return [...inContainers, ...onHost];
    },
    close() {
      for (const engine of both) engine.close();
    },
  };

  /** Both hold the same port, so the old one goes before the new one comes. */
  async function removeMisplaced(mesh: Mesh, nodes: readonly string[]): Promise<void> {
    const observed = await Promise.all(both.map((engine) => engine.observe(mesh.project, [])));
    const misplaced = observed
      .flatMap(({ instances }) => instances)
      .filter((instance) => nodes.includes(instance.node) && isProcess(instance.id) !== isLocal(mesh, instance.node));
    await Promise.all(
      misplaced.map(async (instance) => {
        await engineOf(instance.id).stop(instance, nodeOf(mesh, instance.node).stopGraceMs);
        await engineOf(instance.id).remove(instance);
      }),
    );
  }
}

function describe(info: EngineInfo, mesh: Mesh): EngineInfo {
  const local = hostNodesOf(mesh);
  return local.length === 0 ? info : { ...info, label: `${info.label}, ${local.join(', ')} on the host` };
}
