import { nodeOf } from '../mesh/mesh.ts';
import { lockProject } from '../workspace/project-lock.ts';
import type { Io } from './io.ts';
import { openEngine } from './open-engine.ts';
import { checkOwner } from './plan-up-now.ts';
import type { Project } from './project.ts';

/** Stops the instances of some nodes, with each node's own grace period. */
export async function stopQuietly(project: Project, nodes: readonly string[], io: Io): Promise<void> {
  const { engine } = await openEngine(project, io);
  using _lock = lockProject(project.root, project.mesh.project);
  const observed = await engine.observe(project.mesh.project, []);
  checkOwner(project, observed);
  const instances = observed.instances.filter((instance) => nodes.includes(instance.node));
  await Promise.all(
    instances.map((instance) => engine.stop(instance, nodeOf(project.mesh, instance.node).stopGraceMs)),
  );
}
