import path from 'node:path';
import type { Build } from '../mesh/build.ts';
import { type Mesh, nodeOf } from '../mesh/mesh.ts';
import { renderDockerfiles } from '../render/dockerfile/render-dockerfiles.ts';
import { type BuildInputs, isInput } from './build-inputs.ts';

export interface AffectedRequest {
  readonly mesh: Mesh;
  /** The mesh as it was, or why nobody can tell. */
  readonly before: Mesh | { readonly unknown: string };
  readonly inputs: readonly BuildInputs[];
  /** Absolute paths of the files that changed since. */
  readonly changed: readonly string[];
}

export interface AffectedBuild {
  readonly node: string;
  readonly because: string;
}

/** Of which nodes the image would be another one than before, in the order of the inputs, each with the reason. */
export function affectedBuilds(request: AffectedRequest): AffectedBuild[] {
  const { mesh, before, inputs } = request;
  const rendered = { now: textsOf(mesh), before: 'unknown' in before ? new Map() : textsOf(before) };
  return inputs.flatMap((one): AffectedBuild[] => {
    const because =
      'unknown' in before ? before.unknown : (manifestCause(one, before, rendered) ?? fileCause(one, request));
    return because === undefined ? [] : [{ node: one.node, because }];
  });
}

function textsOf(mesh: Mesh): ReadonlyMap<string, string> {
  return new Map(renderDockerfiles(mesh).map(({ path: file, text }) => [file, text]));
}

/** What the manifest says of the image itself; its settings at run time are no part of it. */
function manifestCause(
  { node, build, dockerfile }: BuildInputs,
  before: Mesh,
  rendered: { readonly now: ReadonlyMap<string, string>; readonly before: ReadonlyMap<string, string> },
): string | undefined {
  const was = before.nodes.find(({ name }) => name === node)?.build;
  if (was === undefined) return 'it was not built before';
  if (JSON.stringify(sorted(was)) !== JSON.stringify(sorted(build))) return 'its `build` in the manifest changed';
  const file = [...rendered.now.keys()].find((name) => dockerfile.endsWith(`/${name}`));
  if (file === undefined || build.kind === 'dockerfile') return undefined;
  const isSame = [file, `${file}.dockerignore`].every((name) => rendered.now.get(name) === rendered.before.get(name));
  return isSame ? undefined : 'the manifest gives it another Dockerfile';
}

function sorted(build: Build): unknown {
  return Object.entries(build)
    .filter(([, value]) => value !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

function fileCause(inputs: BuildInputs, { mesh, changed }: AffectedRequest): string | undefined {
  const { context, dockerfile, ignoreFile } = inputs;
  const wanted = isInput(inputs);
  const isOwn = nodeOf(mesh, inputs.node).build?.kind === 'dockerfile';
  const causes = changed.filter((file) => {
    if (isOwn && (file === dockerfile || (ignoreFile !== undefined && file === path.join(mesh.root, ignoreFile))))
      return true;
    const inside = path.relative(context, file).split(path.sep).join('/');
    return inside !== '' && !inside.startsWith('../') && wanted(inside);
  });
  const [first] = causes;
  if (first === undefined) return undefined;
  const name = path.relative(mesh.root, first).split(path.sep).join('/');
  return causes.length === 1 ? `${name} changed` : `${name} and ${causes.length - 1} more changed`;
}
