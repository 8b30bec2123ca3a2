import { InvalidInput } from '../../diagnostics/mesh-error.ts';
import { unknownNames } from '../../mesh/select-nodes.ts';
import type { Io } from '../io.ts';
import { type MeshOptions, openProject } from '../project.ts';
import { stopQuietly } from '../stop-quietly.ts';
import { up } from './up.ts';

export interface RestartOptions extends MeshOptions {
  readonly services: readonly string[];
  /** Milliseconds. */
  readonly timeout?: number;
  readonly json?: boolean;
}

/** Stops the named nodes, and brings them up again as `up` does: until they are ready, with their needs confirmed. */
export async function restart(options: RestartOptions, io: Io): Promise<number> {
  const project = await openProject(options, io);
  const problems = unknownNames(project.mesh, options.services);
  if (problems.length > 0) throw new InvalidInput(problems, project.sources);
  await stopQuietly(project, options.services, io);
  return up({ ...options, command: 'restart', profile: [], build: 'missing', wait: true }, io);
}
