import { createHash } from 'node:crypto';
import path from 'node:path';
import { type Build, buildContext } from '../mesh/build.ts';
import { type Mesh, nodeOf } from '../mesh/mesh.ts';
import { dockerfilePath } from '../render/dockerfile/dockerfile-path.ts';
import { readFileIfThere } from '../workspace/state-folder.ts';
import { type ContextEntry, createInputFilter, listContext } from './context-files.ts';
import { type DockerfileReads, readsOfDockerfile } from './dockerfile-reads.ts';
import type { FileDigests } from './file-digests.ts';
import { type IgnoreRules, parseDockerignore } from './path-patterns.ts';

/** The label of an image that says what it was made from. */
export const INPUTS_LABEL = 'dev.mesh.inputs';

/** What the image of a node is made from, apart from the contents of files. */
export interface BuildInputs {
  readonly node: string;
  readonly build: Build;
  /** Absolute paths. */
  readonly context: string;
  readonly dockerfile: string;
  readonly text: string;
  readonly reads: DockerfileReads;
  readonly rules: IgnoreRules;
  /** The ignore file that counts, relative to the project; missing when there is none. */
  readonly ignoreFile: string | undefined;
  readonly target: string | undefined;
  readonly args: Readonly<Record<string, string>>;
}

/** Reads the Dockerfile and the ignore rules of a node; `undefined` when its Dockerfile is not there. */
export function readBuildInputs(mesh: Mesh, name: string): BuildInputs | undefined {
  const { build } = nodeOf(mesh, name);
  if (build === undefined) throw new Error(`${name} has nothing to build`);
  const context = path.join(mesh.root, buildContext(build));
  const dockerfile = path.join(mesh.root, dockerfilePath(name, build));
  const text = readFileIfThere(dockerfile);
  if (text === undefined) return undefined;
  const target = build.kind === 'dockerfile' ? build.target : undefined;
  const args = build.kind === 'dockerfile' ? build.args : {};
  const reads = readsOfDockerfile(text, target, args);
  // One that is named after the Dockerfile wins over that of the context.
  const ignoreFiles = [`${dockerfile}.dockerignore`, path.join(context, '.dockerignore')];
  const ignoreFile = ignoreFiles.find((file) => readFileIfThere(file) !== undefined);
  const rules = parseDockerignore(ignoreFile === undefined ? '' : (readFileIfThere(ignoreFile) ?? ''));
  return {
    node: name,
    build,
    context,
    dockerfile,
    text,
    reads,
    rules,
    ignoreFile: ignoreFile === undefined ? undefined : path.relative(mesh.root, ignoreFile),
    target,
    args,
  };
}

/** Whether a path, relative to the context, would be an input. */
export function isInput(inputs: BuildInputs): (path: string) => boolean {
  return createInputFilter(inputs.reads.paths, inputs.rules);
}

export interface HashOptions {
  readonly digests: FileDigests;
  /** The id of an image of this machine. */
  readonly imageId: (reference: string) => string | undefined;
  readonly platforms: readonly string[];
  readonly attest?: readonly string[] | undefined;
}

/**
 * One text that stands for everything that an image is made from: two builds with the same one give the same image, as
 * far as steps that reach out to the network do.
 */
export function hashInputs(inputs: BuildInputs, { digests, imageId, platforms, attest = [] }: HashOptions): string {
  const hash = createHash('sha256');
  const add = (...parts: readonly unknown[]) => hash.update(`${JSON.stringify(parts)}\n`);
  add('mesh inputs', 1);
  add('dockerfile', inputs.text);
  add('target', inputs.target ?? '');
  for (const [name, value] of Object.entries(inputs.args).sort()) add('arg', name, value);
  for (const platform of [...platforms].sort()) add('platform', platform);
  for (const attached of [...attest].sort()) add('attest', attached);
  for (const image of [...inputs.reads.images].sort()) add('image', image, imageId(image) ?? '');
  for (const entry of entriesOf(inputs)) {
    const mode = (entry.stat.mode & 0o7777n).toString(8);
    add(entry.kind, entry.path, mode, entry.kind === 'folder' ? '' : digests.of(inputs.context, entry));
  }
  return hash.digest('hex').slice(0, 32);
}

function entriesOf({ context, reads, rules }: BuildInputs): readonly ContextEntry[] {
  return reads.paths.length === 0 ? [] : listContext(context, reads.paths, rules);
}
