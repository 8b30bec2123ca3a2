import path from 'node:path/posix';
import { foldersUpTo, resolvePath } from './paths.ts';
import type { WorkspaceFiles } from './workspace-files.ts';

/** The properties of a project as far as its files tell them. Names know no case. */
export interface Properties {
  /** `unset` when no file sets it, `unknown` when it depends on something that only MSBuild knows. */
  readonly get: (name: string) => string | Unset | Unknown;
  readonly set: (name: string, value: string | Unknown) => void;
}

export type Unset = { readonly kind: 'unset' };
export type Unknown = { readonly kind: 'unknown' };
export const UNSET: Unset = { kind: 'unset' };
export const UNKNOWN: Unknown = { kind: 'unknown' };

/** What a build in a container says itself. */
const GIVEN = { configuration: 'Release', platform: 'AnyCPU', os: 'Unix', msbuildruntimetype: 'Core' } as const;

/** Set by the SDK in every project, so that their absence from the files says nothing. */
const OF_THE_SDK =
  /^(targetframework|targetframeworks|runtimeidentifier|outputtype|assemblyname|rootnamespace|isrestoring|msbuild.*|netcore.*|visualstudio.*|version|language)$/;

export function createProperties(project: string): Properties {
  const values = new Map<string, string | Unknown>(Object.entries(GIVEN));
  values.set('msbuildprojectdirectory', path.dirname(project));
  values.set('msbuildprojectfullpath', project);
  values.set('msbuildprojectfile', path.basename(project));
  values.set('msbuildprojectname', path.basename(project, path.extname(project)));
  values.set('msbuildprojectextension', path.extname(project));
  return {
    get: (name) => values.get(name.toLowerCase()) ?? (OF_THE_SDK.test(name.toLowerCase()) ? UNKNOWN : UNSET),
    set: (name, value) => values.set(name.toLowerCase(), value),
  };
}

export interface Expander {
  readonly properties: Properties;
  readonly files: WorkspaceFiles;
  /** The file in which the text stands. */
  readonly file: string;
  /** Above it, nothing is in the container. */
  readonly context: string;
}

/** A text with its properties put in; nothing when it says something that only MSBuild can compute. */
export function expand(text: string, by: Expander): string | undefined {
  const above = expandSearch(text, by);
  if (above !== undefined) return above === '' ? undefined : above;
  let known = true;
  const expanded = text.replaceAll(/\$\(([^()]*)\)/g, (_, name: string) => {
    const value = propertyOf(name.trim(), by);
    if (typeof value !== 'string' && value.kind === 'unknown') known = false;
    return typeof value === 'string' ? value : '';
  });
  return known && !expanded.includes('$(') ? expanded : undefined;
}

/** Whether a text uses a property that no file sets, so that it is empty, or what the SDK or the environment says. */
export function namesUnset(text: string, by: Expander): boolean {
  return [...text.matchAll(/\$\(([^()]*)\)/g)].some(([, name = '']) => {
    const value = propertyOf(name.trim(), by);
    return typeof value !== 'string' && value.kind === 'unset';
  });
}

/** The value of one property, seen from a file. */
export function propertyOf(name: string, by: Expander): string | Unset | Unknown {
  switch (name.toLowerCase()) {
    case 'msbuildthisfiledirectory':
      return `${path.dirname(by.file)}/`;
    case 'msbuildthisfilefullpath':
      return by.file;
    case 'msbuildthisfile':
      return path.basename(by.file);
    case 'msbuildthisfilename':
      return path.basename(by.file, path.extname(by.file));
    default:
      return /^[\w.-]+$/.test(name) ? by.properties.get(name) : UNKNOWN;
  }
}

const FILE_ABOVE =
  /^\$\(\[MSBuild\]::GetPathOfFileAbove\(\s*['"]?([^'",()]+?)['"]?\s*(?:,\s*['"]?(.*?)['"]?\s*)?\)\)$/i;
const FOLDER_ABOVE =
  /^\$\(\[MSBuild\]::GetDirectoryNameOfFileAbove\(\s*['"]?(.*?)['"]?\s*,\s*['"]?([^'",()]+?)['"]?\s*\)\)(.*)$/i;

/** The two functions by which a file says `the same file further up`. Empty when there is none. */
function expandSearch(text: string, by: Expander): string | undefined {
  const file = FILE_ABOVE.exec(text.trim());
  if (file !== null) return searchAbove(file[1] ?? '', file[2] ?? '$(MSBuildThisFileDirectory)', by) ?? '';
  const folder = FOLDER_ABOVE.exec(text.trim());
  if (folder === null) return undefined;
  const found = searchAbove(folder[2] ?? '', folder[1] ?? '', by);
  return found === undefined ? '' : `${path.dirname(found)}${folder[3] ?? ''}`;
}

function searchAbove(name: string, from: string, by: Expander): string | undefined {
  const folder = expand(from, by);
  const wanted = expand(name, by);
  if (folder === undefined || wanted === undefined) return undefined;
  const start = resolvePath(path.dirname(by.file), folder);
  return foldersUpTo(start, by.context)
    .map((candidate) => path.join(candidate, wanted))
    .find((candidate) => by.files.kind(candidate) === 'file');
}
