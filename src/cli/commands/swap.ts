import { InvalidInput, MeshError } from '../../diagnostics/mesh-error.ts';
import { unknownNames } from '../../mesh/select-nodes.ts';
import type { Io } from '../io.ts';
import { openEngine } from '../open-engine.ts';
import { type MeshOptions, openProject, selectWanted } from '../project.ts';
import { up } from './up.ts';

export interface SwapOptions extends MeshOptions {
  readonly services: readonly string[];
  readonly to: 'host' | 'container';
  readonly build: 'missing' | 'always' | 'never';
  /** Milliseconds. */
  readonly timeout?: number;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** Moves services of a mesh that is up to the host or back, and waits until all that this changes is ready again. */
export async function swap(options: SwapOptions, io: Io): Promise<number> {
  const project = await openProject(options, io);
  const problems = unknownNames(project.mesh, options.services);
  if (problems.length > 0) throw new InvalidInput(problems, project.sources);
  const { engine } = await openEngine(project, io);
  if (engine.info.kind === 'process') {
    throw new MeshError('all services of this mesh run on the host, since it was brought up without containers', {
      code: 'MESH2041',
      hint: 'with an engine: mesh dev down, then mesh dev up --engine docker --local SERVICE',
    });
  }
  const { instances } = await engine.observe(project.mesh.project, []);
  const known = new Set(project.mesh.nodes.map((node) => node.name));
  // Whoever calls a moved service has to learn its new address; what somebody stopped stays stopped.
  const running = instances.filter(({ node, state }) => known.has(node) && state === 'running').map(({ node }) => node);
  if (running.length === 0) {
    throw new MeshError(`nothing of ${project.mesh.project} runs`, {
      code: 'MESH2041',
      hint: `bring it up: mesh dev up${options.to === 'host' ? ` --local ${options.services.join(' --local ')}` : ''}`,
    });
  }
  const { to, services, ...rest } = options;
  const needed = selectWanted(project, { names: services, profiles: [] });
  const leave = project.mesh.nodes
    .map(({ name }) => name)
    .filter((name) => !running.includes(name) && !needed.includes(name));
  const wanted = [...new Set([...running, ...services])];
  const move = to === 'host' ? { local: services } : { contained: services };
  return up({ ...rest, ...move, services: wanted, leave, profile: [], wait: true }, io);
}
