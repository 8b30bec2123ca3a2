import path from 'node:path/posix';
import type { Input, ProjectClosure, SourceProject } from './project-closure.ts';

export interface RecordedProject {
  /** The folder of the service's project, and the name of its project file without `.csproj`. */
  readonly project: string;
  readonly assembly: string;
  readonly context: string;
  /** The folders of all projects that it refers to, each after those that it refers to itself. */
  readonly references?: readonly string[] | undefined;
  /** The folders of projects that are services of their own. */
  readonly applications: ReadonlySet<string>;
}

/** Patterns that match a file where it is there: COPY refuses a missing file, but not a pattern that matches nothing. */
const AT_ROOT = [
  'Directory.Build.prop[s]',
  'Directory.Build.target[s]',
  'Directory.Packages.prop[s]',
  '[Nn]u[Gg]et.[Cc]onfi[g]',
  'global.jso[n]',
];

/** What a manifest says of a project whose sources are not there. */
export function recordedClosure(recorded: RecordedProject): ProjectClosure {
  const shared = AT_ROOT.map((name): Input => ({ path: path.join(recorded.context, name), kind: 'pattern' }));
  const editor: Input = { path: path.join(recorded.context, '.editorconfi[g]'), kind: 'pattern' };
  const projectOf = (
    folder: string,
    name: string,
    isApplication: boolean,
    before: readonly string[],
  ): SourceProject => ({
    file: path.join(folder, `${name}.csproj`),
    isApplication,
    references: before.map(fileOf),
    restoreInputs: [
      { path: path.join(folder, `${name}.csproj`), kind: 'file' },
      { path: path.join(folder, 'packages.lock.jso[n]'), kind: 'pattern' },
      ...shared,
    ],
    buildInputs: [editor],
  });
  const { references = [], applications } = recorded;
  return {
    from: 'manifest',
    service: projectOf(recorded.project, recorded.assembly, true, references),
    // Which of them refers to which is not recorded; that each refers to all before it gives the right order.
    libraries: references.map((folder, index) =>
      projectOf(folder, path.basename(folder), applications.has(folder), references.slice(0, index)),
    ),
  };
}

function fileOf(folder: string): string {
  return path.join(folder, `${path.basename(folder)}.csproj`);
}
