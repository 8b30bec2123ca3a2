import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { type Diagnostic, type Outcome, sortDiagnostics } from '../diagnostics/diagnostic.ts';
import type { Location, Source } from '../diagnostics/location.ts';
import { InvalidInput, MeshError, messageOf } from '../diagnostics/mesh-error.ts';
import { didYouMean } from '../diagnostics/suggest.ts';
import { type Decoded, decodeManifest } from './decode.ts';
import { mergeTrees } from './merge-trees.ts';
import { parseYaml } from './parse-yaml.ts';
import { isPreset, PRESETS, presetLabel, readPreset } from './presets.ts';
import { rebasePaths } from './rebase-paths.ts';
import { type MapEntry, type Tree, treeAt } from './tree.ts';

export const MANIFEST_NAME = 'mesh.yaml';

export interface ReadResult extends Decoded {
  /** Absolute path of the folder of the manifest. */
  readonly root: string;
  /** The manifest's path as places show it: relative to the working folder where that is shorter. */
  readonly file: string;
  readonly sources: ReadonlyMap<string, Source>;
}

export interface ReadOptions {
  /** Where paths in messages are relative to, and where the search begins. */
  readonly cwd: string;
  /** `-f`; without it mesh.yaml is looked for in the folder and those above. */
  readonly file?: string | undefined;
  readonly environment?: string | undefined;
}

/**
 * Finds, reads, merges and checks a manifest with all that it extends.
 *
 * @throws InvalidInput with every problem found; MeshError MESH1001 when there is no manifest, MESH2011 when it cannot be read
 */
export function readManifest(options: ReadOptions): ReadResult {
  const file = options.file === undefined ? findManifest(options.cwd) : path.resolve(options.cwd, options.file);
  const root = path.dirname(file);
  const sources = new Map<string, Source>();
  const show = (absolute: string) => displayPath(absolute, options.cwd);
  const loaded = loadChain({ file, root, show, sources });
  if (loaded.value === undefined) throw new InvalidInput(sortDiagnostics(loaded.diagnostics), sources);
  const withFiles = readSources(loaded.value, root);
  const decoded = decodeManifest(withFiles.value, options.environment);
  const diagnostics = [...loaded.diagnostics, ...withFiles.diagnostics, ...decoded.diagnostics];
  if (decoded.value === undefined || diagnostics.length > 0)
    throw new InvalidInput(sortDiagnostics(diagnostics), sources);
  return { ...decoded.value, root, file: show(file), sources };
}

function findManifest(cwd: string): string {
  for (let folder = cwd; ; folder = path.dirname(folder)) {
    const candidate = path.join(folder, MANIFEST_NAME);
    if (existsSync(candidate)) return candidate;
    if (path.dirname(folder) === folder) break;
  }
  throw new MeshError(`no ${MANIFEST_NAME} in ${cwd} or in a folder above it`, {
    code: 'MESH1001',
    exitCode: 2,
    hint: `go to your project, name the file with -f, or make a ${MANIFEST_NAME} that says \`extends: toskamesh\``,
  });
}

/** Relative inside the working folder, absolute elsewhere: what can be pasted back into the shell. */
function displayPath(absolute: string, cwd: string): string {
  const relative = path.relative(cwd, absolute);
  return relative.startsWith(`..${path.sep}..${path.sep}..`) || path.isAbsolute(relative) ? absolute : relative;
}

interface ChainOptions {
  readonly file: string;
  readonly root: string;
  readonly show: (absolute: string) => string;
  readonly sources: Map<string, Source>;
}

/** The file merged over what it extends, down to the end of the chain. */
function loadChain(options: ChainOptions): Outcome<Tree> {
  const trees: Tree[] = [];
  const seen: string[] = [];
  const diagnostics: Diagnostic[] = [];
  let next: string | undefined = options.file;
  while (next !== undefined) {
    seen.push(next);
    const label = isPreset(next) ? presetLabel(next) : options.show(next);
    const text = isPreset(next) ? readPreset(next) : readText(next, label);
    const source = { file: label, text };
    options.sources.set(label, source);
    const parsed = parseYaml(source);
    diagnostics.push(...parsed.diagnostics);
    if (parsed.value === undefined) return { diagnostics };
    const folder = isPreset(next) ? options.root : path.dirname(next);
    const link = extendsOf(parsed.value, folder);
    if (link?.problem !== undefined) return { diagnostics: [...diagnostics, link.problem] };
    if (link !== undefined && seen.includes(link.target)) return { diagnostics: [circle(seen, link, options.show)] };
    trees.push(rebasePaths(parsed.value, folder, options.root));
    next = link?.target;
  }
  const merged = trees.reduceRight((base, over) => mergeTrees(base, over));
  return { value: merged, diagnostics };
}

interface Link {
  readonly target: string;
  readonly at: Location;
  readonly problem?: Diagnostic;
}

function extendsOf(tree: Tree, folder: string): Link | undefined {
  const value = treeAt(tree, ['extends']);
  if (value?.kind !== 'scalar' || typeof value.value !== 'string' || value.value === '') return undefined;
  const wanted = value.value;
  if (isPreset(wanted)) return { target: wanted, at: value.at };
  const target = path.resolve(folder, wanted);
  if (existsSync(target)) return { target, at: value.at };
  const looksLikeFile = /[/\\]|\.ya?ml$/.test(wanted);
  return {
    target,
    at: value.at,
    problem: {
      code: 'MESH1005',
      severity: 'error',
      message: looksLikeFile ? `extends: there is no file ${wanted}` : `extends: there is no preset "${wanted}"`,
      location: value.at,
      hint: didYouMean(wanted, PRESETS) ?? `built in: ${PRESETS.join(', ')}; a file is named relative to this one`,
    },
  };
}

function circle(seen: readonly string[], link: Link, show: (absolute: string) => string): Diagnostic {
  const path = [...seen.slice(seen.indexOf(link.target)), link.target].map(show);
  return {
    code: 'MESH1006',
    severity: 'error',
    message: `extends: manifests extend each other in a circle: ${path.join(' → ')}`,
    location: link.at,
    hint: 'remove one of these `extends`',
  };
}

function readText(file: string, label: string): string {
  try {
    return readFileSync(file, 'utf8').replace(/^\uFEFF/, '');
  } catch (error) {
    throw new MeshError(`cannot read ${label}: ${messageOf(error)}`, { code: 'MESH2011', exitCode: 2, cause: error });
  }
}

/** `source: ./file` → `content: text of that file`, so that nothing behind this function reads the disk. */
function readSources(tree: Tree, root: string): { readonly value: Tree; readonly diagnostics: readonly Diagnostic[] } {
  const diagnostics: Diagnostic[] = [];
  const inline = (current: Tree, key: string | undefined, grandKey: string | undefined): Tree => {
    if (current.kind !== 'map') return current;
    const source = grandKey === 'files' ? current.entries.get('source') : undefined;
    if (source?.tree.kind === 'scalar' && typeof source.tree.value === 'string') {
      return inlineSource(current, source, root, diagnostics);
    }
    const entries = new Map<string, MapEntry>();
    for (const [name, entry] of current.entries) {
      entries.set(name, { keyAt: entry.keyAt, tree: inline(entry.tree, name, key) });
    }
    return { ...current, entries };
  };
  return { value: inline(tree, undefined, undefined), diagnostics };
}

function inlineSource(tree: Tree & { kind: 'map' }, source: MapEntry, root: string, diagnostics: Diagnostic[]): Tree {
  const written = source.tree.kind === 'scalar' ? String(source.tree.value) : '';
  try {
    const text = readFileSync(path.resolve(root, written), 'utf8');
    const entries = new Map(tree.entries);
    entries.delete('source');
    entries.set('content', {
      keyAt: source.keyAt,
      tree: { kind: 'scalar', value: text, written: text, at: source.tree.at },
    });
    return { ...tree, entries };
  } catch (error) {
    diagnostics.push({
      code: 'MESH1007',
      severity: 'error',
      message: `cannot read ${written}: ${messageOf(error).split(',')[0]}`,
      location: source.tree.at,
      hint: 'the path is relative to the manifest that names it',
    });
    return tree;
  }
}
