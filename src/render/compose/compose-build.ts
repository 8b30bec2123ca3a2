import { posix } from 'node:path';
import { COMPOSE_FOLDER } from '../../mesh/compose-file.ts';
import type { Mesh, MeshNode } from '../../mesh/mesh.ts';
import { dockerfilePath } from '../dockerfile/dockerfile-path.ts';
import { dropUndefined } from '../drop-undefined.ts';
import { composeText } from './compose-value.ts';

export interface ComposeBuild {
  /** Relative to the compose file. */
  readonly context: string;
  /** Relative to the context. */
  readonly dockerfile: string;
  readonly target?: string;
  readonly args?: Readonly<Record<string, string>>;
}

/** How Compose builds the node's image, when it is built at all. */
export function composeBuild(mesh: Mesh, node: MeshNode): ComposeBuild | undefined {
  const build = node.build;
  if (build === undefined) return undefined;
  const context = posix.join(mesh.root, build.context);
  const paths = {
    context: composeText(posix.relative(posix.join(mesh.root, COMPOSE_FOLDER), context)),
    dockerfile: composeText(posix.relative(context, posix.join(mesh.root, dockerfilePath(node.name, build)))),
  };
  if (build.kind !== 'dockerfile') return paths;
  const args = Object.entries(build.args).map(([name, value]) => [name, composeText(value)] as const);
  return dropUndefined<ComposeBuild>({
    ...paths,
    target: build.target,
    args: args.length === 0 ? undefined : Object.fromEntries(args),
  });
}
