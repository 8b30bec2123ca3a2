import path from 'node:path/posix';
import { type Diagnostic, type Outcome, sortDiagnostics } from '../diagnostics/diagnostic.ts';
import type { Location, Source } from '../diagnostics/location.ts';
import { type EvaluatedProject, type EvaluateOptions, evaluateProject, type Item } from './evaluate-project.ts';
import { isInside, resolvePath } from './paths.ts';
import type { Input, ProjectClosure, SourceProject } from './project-closure.ts';
import { buildInputsOf, restoreInputsOf } from './project-inputs.ts';

export interface ClosureOptions extends EvaluateOptions {
  /** What paths in the result are relative to; absolute, like the context. */
  readonly root: string;
}

/** Where a project refers to another one. */
interface Reference {
  readonly file: string;
  readonly at: Location;
}

interface ReadProject {
  readonly project: SourceProject;
  readonly references: readonly Reference[];
  readonly sources: readonly Source[];
  readonly diagnostics: readonly Diagnostic[];
}

export interface ClosureReader {
  /** The closure of a project file that is there. Its path is absolute. */
  readonly read: (projectFile: string, options: ClosureOptions) => Outcome<ProjectClosure>;
  /** Every file that was read, for the lines that messages show. */
  readonly sources: ReadonlyMap<string, Source>;
}

/** Reads closures of project references; a project that several services refer to is read once. */
export function createClosureReader(): ClosureReader {
  const projects = new Map<string, ReadProject>();
  const sources = new Map<string, Source>();
  const circles = new Set<string>();

  const readOnce = (file: string, options: ClosureOptions): ReadProject => {
    const key = `${options.context}\n${file}`;
    const found = projects.get(key) ?? readProject(file, options);
    projects.set(key, found);
    for (const source of found.sources) sources.set(source.file, source);
    return found;
  };

  return {
    sources,
    read: (file, options) => {
      const walk = walkReferences(file, (next) => readOnce(next, options), { ...options, circles });
      const problems = sortDiagnostics(walk.diagnostics);
      const service = walk.order.at(-1);
      if (problems.length > 0 || service === undefined) return { diagnostics: problems };
      return { value: { from: 'projects', service, libraries: walk.order.slice(0, -1) }, diagnostics: [] };
    },
  };
}

interface WalkOptions extends ClosureOptions {
  /** Those that were told already: another service meets the same circle at another place. */
  readonly circles: Set<string>;
}

/** Depth first: each project after those that it refers to, and a way back into the path is a cycle. */
function walkReferences(first: string, read: (file: string) => ReadProject, options: WalkOptions) {
  const { show, circles } = options;
  const order: SourceProject[] = [];
  const diagnostics: Diagnostic[] = [];
  const done = new Set<string>();
  const onPath: string[] = [];
  const visit = (file: string): void => {
    if (done.has(file)) return;
    done.add(file);
    onPath.push(file);
    const { project, references, diagnostics: own } = read(file);
    diagnostics.push(...own);
    for (const reference of references) {
      const back = onPath.indexOf(reference.file);
      if (back === -1) visit(reference.file);
      else closeCircle(onPath.slice(back), reference);
    }
    onPath.pop();
    order.push(project);
  };
  const closeCircle = (files: readonly string[], reference: Reference): void => {
    const key = [...files].sort().join('\n');
    if (!circles.has(key)) diagnostics.push(circle([...files, reference.file].map(show), reference.at));
    circles.add(key);
  };
  visit(first);
  return { order, diagnostics };
}

function circle(files: readonly string[], location: Location): Diagnostic {
  return {
    code: 'MESH1604',
    severity: 'error',
    message: `projects refer to each other in a circle: ${files.join(' → ')}`,
    location,
    hint: 'remove one of these references, or move what both need into a third project',
  };
}

function readProject(file: string, options: ClosureOptions): ReadProject {
  const evaluated = evaluateProject(file, options);
  const diagnostics: Diagnostic[] = [...evaluated.diagnostics];
  const references = referencesOf(evaluated, options, diagnostics);
  const relative = (input: Input): Input => ({ ...input, path: path.relative(options.root, input.path) });
  return {
    project: {
      file: path.relative(options.root, file),
      isApplication: evaluated.sdks.some((sdk) => /\.(web|worker)\b/i.test(sdk)),
      references: references.map((reference) => path.relative(options.root, reference.file)),
      restoreInputs: [{ path: file, kind: 'file' } as const, ...restoreInputsOf(file, evaluated, options)].map(
        relative,
      ),
      buildInputs: buildInputsOf(file, evaluated, options).map(relative),
    },
    references,
    sources: evaluated.sources,
    diagnostics,
  };
}

/** The projects that it refers to, without repeats, in their own order. */
function referencesOf(evaluated: EvaluatedProject, options: ClosureOptions, problems: Diagnostic[]): Reference[] {
  const found = new Map<string, Reference>();
  for (const item of evaluated.items.filter((candidate) => candidate.type === 'projectreference')) {
    if (item.applies === 'no') continue;
    if (item.applies === 'yes')
      for (const removed of partsOf(item.remove)) found.delete(resolvePath(item.folder, removed));
    for (const reference of followItem(item, options, problems)) {
      if (!found.has(reference.file)) found.set(reference.file, reference);
    }
  }
  return [...found.values()];
}

function followItem(item: Item, options: ClosureOptions, problems: Diagnostic[]): Reference[] {
  const certain = item.applies === 'yes';
  if (item.include === undefined || /[*?]/.test(item.include)) {
    if (certain) problems.push(unclear(item));
    return [];
  }
  return partsOf(item.include).flatMap((written): Reference[] => {
    const file = resolvePath(item.folder, written);
    const problem = problemOf(written, file, item, options);
    // What may not even be referred to is only taken along where it is there.
    if (problem !== undefined && certain) problems.push(problem);
    return problem === undefined ? [{ file, at: item.at }] : [];
  });
}

function problemOf(written: string, file: string, item: Item, options: ClosureOptions): Diagnostic | undefined {
  const base = { severity: 'error', location: item.at } as const;
  if (!isInside(options.context, file)) {
    const context = options.show(options.context);
    return {
      ...base,
      code: 'MESH1603',
      message: `the project reference ${written} leads out of the build context ${context === '' ? '.' : context}`,
      hint: 'give `build.context` a folder that holds all projects, or move the project',
    };
  }
  if (options.files.kind(file) === 'file') return undefined;
  return {
    ...base,
    code: 'MESH1602',
    message: `the project reference ${written} is not there: there is no ${options.show(file)}`,
    hint: 'mend the path, which is relative to the project and knows upper and lower case, or remove the reference',
  };
}

function unclear(item: Item): Diagnostic {
  return {
    code: 'MESH1605',
    severity: 'error',
    message: `it cannot be told which project ${item.written} is`,
    location: item.at,
    hint: 'write its path without wildcards, and with properties that the project or a Directory.Build.props sets',
  };
}

function partsOf(list: string | undefined): string[] {
  return (list ?? '')
    .split(';')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
