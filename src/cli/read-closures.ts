import path from 'node:path/posix';
import { sortDiagnostics } from '../diagnostics/diagnostic.ts';
import { InvalidInput } from '../diagnostics/mesh-error.ts';
import type { ProjectClosure, ProjectClosures } from '../dotnet/project-closure.ts';
import { createClosureReader } from '../dotnet/read-closure.ts';
import { type Answers, openWorkspaceFiles } from '../dotnet/workspace-files.ts';
import type { Project } from './opened-project.ts';

export interface ReadClosures {
  /** Of the .NET services whose project files are there. */
  readonly closures: ProjectClosures;
  /** What the disk said: as long as it says the same, so do the project files. */
  readonly answers: Answers;
}

/**
 * Reads what the .NET services of a mesh are built from.
 *
 * @throws InvalidInput with every problem of the project files
 */
export function readClosures({ mesh, file }: Pick<Project, 'mesh' | 'file'>): ReadClosures {
  const files = openWorkspaceFiles();
  const reader = createClosureReader();
  // Named as the manifest is, relative to where the command runs.
  const show = (absolute: string) => path.join(path.dirname(file), path.relative(mesh.root, absolute));
  const closures = new Map<string, ProjectClosure>();
  const problems = mesh.nodes.flatMap(({ name, build }) => {
    if (build?.kind !== 'dotnet') return [];
    const project = path.join(mesh.root, build.project, `${build.assembly}.csproj`);
    if (files.kind(project) !== 'file') return [];
    const context = path.join(mesh.root, build.context);
    const { value, diagnostics } = reader.read(project, { root: mesh.root, context, files, show });
    if (value !== undefined) closures.set(name, value);
    return diagnostics;
  });
  if (problems.length > 0) throw new InvalidInput(sortDiagnostics(problems), reader.sources);
  return { closures, answers: files.answers() };
}
