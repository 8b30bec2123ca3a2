import path from 'node:path/posix';
import { type Mesh, nodeOf } from '../mesh/mesh.ts';
import { dockerfilePath } from '../render/dockerfile/dockerfile-path.ts';
import { passedArguments } from './passed-arguments.ts';

/** A file that a build step may read and that ends up in no layer. */
export interface BuildSecret {
  readonly id: string;
  /** Absolute path on this machine. */
  readonly source: string;
}

/** Which kind of build asks for which secrets; see the `RUN` steps of the generated Dockerfiles. */
export interface BuildSecrets {
  readonly dotnet: readonly BuildSecret[];
  readonly node: readonly BuildSecret[];
}

export interface BakeTarget {
  readonly context: string;
  readonly dockerfile: string;
  readonly tags: readonly string[];
  readonly target?: string;
  readonly args?: Readonly<Record<string, string>>;
  readonly secret?: readonly string[];
}

export interface BakeDefinition {
  readonly target: Readonly<Record<string, BakeTarget>>;
}

/** What `docker buildx bake` gets: one target a node, so that steps which several services share run once. */
export function bakeDefinition(
  mesh: Mesh,
  nodes: readonly string[],
  secrets: BuildSecrets,
  env: NodeJS.ProcessEnv,
): BakeDefinition {
  return { target: Object.fromEntries(nodes.map((name) => [name, bakeTarget(mesh, name, secrets, env)])) };
}

function bakeTarget(mesh: Mesh, name: string, secrets: BuildSecrets, env: NodeJS.ProcessEnv): BakeTarget {
  const node = nodeOf(mesh, name);
  const { build } = node;
  if (build === undefined) throw new Error(`${name} has nothing to build`);
  // Absolute, since bake runs on a definition outside the project.
  const base = {
    context: path.join(mesh.root, build.context),
    dockerfile: path.join(mesh.root, dockerfilePath(name, build)),
    tags: [node.image],
  };
  if (build.kind === 'dockerfile') {
    return {
      ...base,
      ...(build.target === undefined ? {} : { target: build.target }),
      args: build.args,
    };
  }
  const args = passedArguments(build.kind, env);
  return {
    ...base,
    ...(Object.keys(args).length === 0 ? {} : { args }),
    secret: secrets[build.kind].map(({ id, source }) => `type=file,id=${id},src=${source}`),
  };
}
