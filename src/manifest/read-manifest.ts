import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { type Diagnostic, type Outcome, sortDiagnostics } from '../diagnostics/diagnostic.ts';
import type { Location, Source } from '../diagnostics/location.ts';
import { InvalidInput, MeshError, messageOf } from '../diagnostics/mesh-error.ts';
import { didYouMean } from '../diagnostics/suggest.ts';
import { type Decoded, decodeManifest } from './decode.ts';
import { displayPath, findManifest } from './find-manifest.ts';
import { inlineSources } from './inline-sources.ts';
import { mergeTrees } from './merge-trees.ts';
import { parseYaml } from './parse-yaml.ts';
import { isPreset, PRESETS, presetFile, presetLabel, readPreset } from './presets.ts';
import { rebasePaths } from './rebase-paths.ts';
import { type Tree, treeAt } from './tree.ts';

export interface ReadResult extends Decoded {
  /** Absolute path of the folder of the manifest. */
  readonly root: string;
  /** The manifest's path as places show it: relative to the working folder where that is shorter. */
  readonly file: string;
  readonly sources: ReadonlyMap<string, Source>;
  /** Absolute paths of all files that were read, in no particular order: as long as they stay the same, so does the result. */
  readonly inputs: readonly string[];
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
  const file = findManifest(options);
  const root = path.dirname(file);
  const sources = new Map<string, Source>();
  const show = (absolute: string) => displayPath(absolute, options.cwd);
  const inputs: string[] = [];
  const loaded = loadChain({ file, root, show, sources, inputs });
  if (loaded.value === undefined) throw new InvalidInput(sortDiagnostics(loaded.diagnostics), sources);
  const withFiles = inlineSources(loaded.value, { root, show, sources, inputs });
  const decoded = decodeManifest(withFiles.value, options.environment);
  const diagnostics = [...loaded.diagnostics, ...withFiles.diagnostics, ...decoded.diagnostics];
  if (decoded.value === undefined || diagnostics.length > 0)
    throw new InvalidInput(sortDiagnostics(diagnostics), sources);
  return { ...decoded.value, root, file: show(file), sources, inputs };
}

interface ChainOptions {
  readonly file: string;
  readonly root: string;
  readonly show: (absolute: string) => string;
  readonly sources: Map<string, Source>;
  readonly inputs: string[];
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
    options.inputs.push(isPreset(next) ? presetFile(next) : next);
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
  const stats = statSync(target, { throwIfNoEntry: false });
  if (stats?.isDirectory() === false) return { target, at: value.at };
  const looksLikeFile = stats !== undefined || /[/\\]|\.ya?ml$/.test(wanted);
  const hint = didYouMean(wanted, PRESETS) ?? `built in: ${PRESETS.join(', ')}; a file is named relative to this one`;
  return {
    target,
    at: value.at,
    problem: {
      code: 'MESH1005',
      severity: 'error',
      message: looksLikeFile
        ? `extends: ${wanted} is ${stats === undefined ? 'not there' : 'a folder'}`
        : `extends: there is no preset "${wanted}"`,
      location: value.at,
      hint: stats === undefined ? hint : 'name the manifest in it',
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
