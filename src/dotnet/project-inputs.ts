import path from 'node:path/posix';
import type { EvaluatedProject, EvaluateOptions, Item } from './evaluate-project.ts';
import { parseXml } from './parse-xml.ts';
import { foldersUpTo, isInside, resolvePath } from './paths.ts';
import type { Input } from './project-closure.ts';

/** Items that name files. Others name packages, projects or plain words. */
const FILE_ITEMS: ReadonlySet<string> = new Set([
  'additionalfiles',
  'analyzer',
  'compile',
  'content',
  'editorconfigfiles',
  'embeddedresource',
  'globalanalyzerconfigfiles',
  'none',
  'protobuf',
  'resource',
]);

/** Properties that name a file which the build reads. */
const FILE_PROPERTIES = ['AssemblyOriginatorKeyFile', 'CodeAnalysisRuleSet', 'ApplicationIcon', 'ApplicationManifest'];

/** NuGet takes any of these spellings, and merges the files of all folders upwards. */
const NUGET_CONFIGS = ['nuget.config', 'NuGet.config', 'NuGet.Config'];

/** What `dotnet restore` reads of a project besides its own file. Absolute paths. */
export function restoreInputsOf(project: string, evaluated: EvaluatedProject, options: EvaluateOptions): Input[] {
  const { files, context } = options;
  const folder = path.dirname(project);
  const upwards = foldersUpTo(folder, context);
  const isFile = (file: string) => files.kind(file) === 'file';
  const configs = upwards.flatMap((above) => NUGET_CONFIGS.map((name) => path.join(above, name))).filter(isFile);
  const response = upwards.map((above) => path.join(above, 'Directory.Build.rsp')).find(isFile);
  const lock = evaluated.properties.get('NuGetLockFilePath');
  const lockFile = resolvePath(folder, typeof lock === 'string' && lock !== '' ? lock : 'packages.lock.json');
  const single = [...evaluated.imports, ...configs, response, path.join(context, 'global.json'), lockFile];
  return [
    ...single
      .filter((file) => file !== undefined)
      .filter((file) => isInside(context, file) && isFile(file))
      .map((file): Input => ({ path: file, kind: 'file' })),
    ...configs.flatMap((config) => localFeeds(config, options)),
  ];
}

/** Folders of packages that a NuGet.config names as a source. */
function localFeeds(config: string, { files, context, show }: EvaluateOptions): Input[] {
  const parsed = parseXml({ file: show(config), text: files.read(config) ?? '' });
  const sources = parsed.value?.children.filter((child) => child.name === 'packagesources') ?? [];
  return sources
    .flatMap((section) => section.children)
    .map((source) => source.attributes.get('value') ?? '')
    .filter((value) => value !== '' && !/^[a-z][a-z0-9+.-]+:/i.test(value))
    .map((value) => resolvePath(path.dirname(config), value))
    .filter((folder) => isInside(context, folder) && files.kind(folder) === 'folder')
    .map((folder): Input => ({ path: folder, kind: 'folder' }));
}

/** What a build of the project reads from outside of its folder. Absolute paths. */
export function buildInputsOf(project: string, evaluated: EvaluatedProject, options: EvaluateOptions): Input[] {
  const { context } = options;
  const folder = path.dirname(project);
  const named = evaluated.items.filter((item) => FILE_ITEMS.has(item.type) && item.applies !== 'no').flatMap(pathsOf);
  const hints = evaluated.items
    .filter((item) => item.type === 'reference' && item.applies !== 'no')
    .flatMap((item) => item.metadata.get('hintpath') ?? []);
  const properties = FILE_PROPERTIES.map((name) => evaluated.properties.get(name)).filter(
    (value) => typeof value === 'string',
  );
  const written = [...named, ...hints, ...properties].map((text) => resolvePath(folder, text));
  const outside = foldersUpTo(path.dirname(folder), context);
  const configs = outside.flatMap((above) => ['.editorconfig', '.globalconfig'].map((name) => path.join(above, name)));
  return [...written, ...configs]
    .filter((file) => !isInside(folder, file) && isInside(context, file))
    .flatMap((file) => inputOf(file, options));
}

function pathsOf(item: Item): string[] {
  const roots = ['protoroot', 'additionalimportdirs'].map((name) => item.metadata.get(name) ?? '');
  return [...(item.include ?? '').split(';'), ...roots.flatMap((root) => root.split(';'))].filter(
    (text) => text.trim() !== '' && !/[$@%]\(/.test(text),
  );
}

/** What is not there is no input: whether that is a mistake, the build knows best. */
function inputOf(file: string, { files, context }: EvaluateOptions): Input[] {
  if (!/[*?]/.test(file)) {
    const kind = files.kind(file);
    return kind === undefined || file === context ? [] : [{ path: file, kind }];
  }
  const parent = path.dirname(file);
  // COPY puts all that a pattern matches into one folder, so only a pattern for names can be left to it.
  if (!/[*?]/.test(parent)) return files.kind(parent) === 'folder' ? [{ path: file, kind: 'pattern' }] : [];
  const base = file.slice(0, file.search(/[*?]/)).replace(/\/[^/]*$/, '');
  return files.kind(base) === 'folder' && base !== context ? [{ path: base, kind: 'folder' }] : [];
}
