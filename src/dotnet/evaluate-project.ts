import path from 'node:path/posix';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Location, Source } from '../diagnostics/location.ts';
import { evaluateCondition, type Truth } from './conditions.ts';
import { type Element, parseXml } from './parse-xml.ts';
import { foldersUpTo, resolvePath } from './paths.ts';
import { createProperties, expand, namesUnset, type Properties, UNKNOWN } from './properties.ts';
import type { WorkspaceFiles } from './workspace-files.ts';

/** What a project file says, with all that it imports. Paths are absolute. */
export interface EvaluatedProject {
  readonly sdks: readonly string[];
  /** In the order of the files. */
  readonly items: readonly Item[];
  readonly properties: Properties;
  /** The files that were imported and lie in the context. */
  readonly imports: readonly string[];
  readonly sources: readonly Source[];
  readonly diagnostics: readonly Diagnostic[];
}

export interface Item {
  /** Lower case: `projectreference`. */
  readonly type: string;
  /** With properties put in; nothing when only MSBuild can tell. */
  readonly include: string | undefined;
  readonly written: string;
  readonly remove: string | undefined;
  /** Attributes and child elements, lower case → value. */
  readonly metadata: ReadonlyMap<string, string>;
  /** The folder that its path is relative to: that of the project, whichever file says it. */
  readonly folder: string;
  /** `maybe` when its condition cannot be told without MSBuild. */
  readonly applies: Truth;
  readonly at: Location;
}

export interface EvaluateOptions {
  readonly files: WorkspaceFiles;
  /** Above it nothing is in the container, so nothing is looked for. */
  readonly context: string;
  /** How a file is named in messages. */
  readonly show: (file: string) => string;
}

/**
 * Reads a project as MSBuild does, as far as its files tell it: `Directory.Build.props`, `Directory.Packages.props`, the
 * project, `Directory.Build.targets`, with what these import. What happens in targets is left to the build.
 */
export function evaluateProject(project: string, options: EvaluateOptions): EvaluatedProject {
  const evaluation = createEvaluation(project, options);
  const nearest = (name: string) =>
    foldersUpTo(path.dirname(project), options.context)
      .map((folder) => path.join(folder, name))
      .find((file) => options.files.kind(file) === 'file');
  for (const file of [nearest('Directory.Build.props'), nearest('Directory.Packages.props'), project])
    if (file !== undefined) evaluation.load(file);
  const targets = nearest('Directory.Build.targets');
  if (targets !== undefined) evaluation.load(targets);
  return evaluation.result();
}

function createEvaluation(project: string, { files, context, show }: EvaluateOptions) {
  const properties = createProperties(project);
  const loaded = new Set<string>();
  const sources: Source[] = [];
  const diagnostics: Diagnostic[] = [];
  const sdks: string[] = [];
  // Items see what properties are in the end, so they wait until all files are read.
  const waiting: (() => Item[])[] = [];

  const by = (file: string) => ({ properties, files, context, file });
  const holds = (element: Element, file: string) => evaluateCondition(element.attributes.get('condition'), by(file));

  const load = (file: string): void => {
    const text = loaded.has(file) ? undefined : files.read(file);
    if (text === undefined) return;
    loaded.add(file);
    const source = { file: show(file), text };
    sources.push(source);
    const parsed = parseXml(source);
    diagnostics.push(...parsed.diagnostics);
    if (parsed.value === undefined) return;
    addSdks(parsed.value.attributes.get('sdk'));
    walk(parsed.value.children, file, []);
  };

  const addSdks = (text: string | undefined): void => {
    sdks.push(...(text ?? '').split(';').map((name) => name.trim()));
  };

  const walk = (elements: readonly Element[], file: string, conditions: readonly Element[]): void => {
    for (const element of elements) visit(element, file, conditions);
  };

  const visit = (element: Element, file: string, conditions: readonly Element[]): void => {
    if (element.name === 'propertygroup') setProperties(element, file);
    else if (element.name === 'itemgroup')
      waiting.push(() => element.children.map((item) => itemOf(item, file, [...conditions, element])));
    else if (element.name === 'import') importFile(element, file);
    else if (element.name === 'sdk') addSdks(element.attributes.get('name'));
    else if (element.name === 'choose') choose(element, file, conditions);
    else if (element.name === 'importgroup' && holds(element, file) !== 'no') walk(element.children, file, conditions);
  };

  const setProperties = (group: Element, file: string): void => {
    const whole = holds(group, file);
    if (whole === 'no') return;
    for (const property of group.children) {
      const one = holds(property, file);
      if (one === 'no') continue;
      const certain = whole === 'yes' && one === 'yes';
      properties.set(property.name, certain ? (expand(property.text, by(file)) ?? UNKNOWN) : UNKNOWN);
    }
  };

  const importFile = (element: Element, file: string): void => {
    addSdks(element.attributes.get('sdk'));
    if (element.attributes.has('sdk') || holds(element, file) === 'no') return;
    const written = expand(element.attributes.get('project') ?? '', by(file));
    if (written === undefined || written === '' || /[*?]/.test(written)) return;
    load(resolvePath(path.dirname(file), written));
  };

  const choose = (element: Element, file: string, conditions: readonly Element[]): void => {
    for (const branch of element.children) {
      const truth = branch.name === 'when' ? holds(branch, file) : 'yes';
      if (truth === 'no') continue;
      walk(branch.children, file, [...conditions, branch]);
      if (truth === 'yes') return;
    }
  };

  const itemOf = (element: Element, file: string, conditions: readonly Element[]): Item => {
    const written = element.attributes.get('include') ?? '';
    const truths = [...conditions, element].map((condition) => holds(condition, file));
    const remove = element.attributes.get('remove');
    return {
      type: element.name,
      written,
      include: namesUnset(written, by(file)) ? undefined : expand(written, by(file)),
      remove: remove === undefined ? undefined : expand(remove, by(file)),
      metadata: new Map([...element.attributes, ...element.children.map((child) => [child.name, child.text] as const)]),
      folder: path.dirname(project),
      applies: truths.includes('no') ? 'no' : truths.includes('maybe') ? 'maybe' : 'yes',
      at: element.at('include'),
    };
  };

  const result = (): EvaluatedProject => ({
    sdks: sdks.filter((name) => name !== ''),
    items: waiting.flatMap((items) => items()),
    properties,
    imports: [...loaded].filter((file) => file !== project),
    sources,
    diagnostics,
  });
  return { load, result };
}
