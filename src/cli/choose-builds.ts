import { realpathSync } from 'node:fs';
import { type AffectedBuild, affectedBuilds } from '../build/affected.ts';
import { readBuildInputs } from '../build/build-inputs.ts';
import { InvalidInput } from '../diagnostics/mesh-error.ts';
import { nodeOf } from '../mesh/mesh.ts';
import { unknownNames } from '../mesh/select-nodes.ts';
import { changedSince, type Git, usualBase } from '../workspace/git.ts';
import type { BuildCommandOptions } from './build-options.ts';
import { meshAtRevision } from './mesh-at-revision.ts';
import { type Project, selectWanted } from './project.ts';

/** Named ones must be buildable; without names, those are taken that are. */
export function nodesToBuild(project: Project, options: BuildCommandOptions): string[] {
  const problems = unknownNames(project.mesh, options.services);
  if (problems.length > 0) throw new InvalidInput(problems, project.sources);
  const names =
    options.services.length > 0 ? options.services : selectWanted(project, { names: [], profiles: options.profile });
  const unbuildable = options.services.filter((name) => nodeOf(project.mesh, name).build === undefined);
  if (unbuildable.length > 0) {
    throw new InvalidInput(
      unbuildable.map((name) => ({
        code: 'MESH1501',
        severity: 'error',
        message: `${name} is not built: it runs the image ${nodeOf(project.mesh, name).image}`,
        location: nodeOf(project.mesh, name).at,
      })),
      project.sources,
    );
  }
  return [...new Set(names)].filter((name) => nodeOf(project.mesh, name).build !== undefined);
}

export interface AffectedNodes {
  readonly since: string;
  readonly affected: readonly AffectedBuild[];
}

/** Those of which the image would be another one than at a revision. The generated Dockerfiles are there already. */
export function affectedNodes(
  project: Project,
  nodes: readonly string[],
  git: Git,
  { since: asked, env }: { readonly since: string | undefined; readonly env: NodeJS.ProcessEnv },
): AffectedNodes {
  const since = asked ?? usualBase(git, env);
  const changed = changedSince(git, since);
  const before = meshAtRevision(project, git, since, env);
  // Git tells real paths, and the way here may lead through a link.
  const mesh = { ...project.mesh, root: realpathSync(project.root) };
  const inputs = nodes.flatMap((node) => readBuildInputs(mesh, node) ?? []);
  return { since, affected: affectedBuilds({ mesh, before, inputs, changed }) };
}
