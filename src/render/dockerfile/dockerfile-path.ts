import type { Build } from '../../mesh/build.ts';
import { pascalCase } from '../pascal-case.ts';

/** The Dockerfile that builds a node, relative to the project root: the user's own, or the one that mesh writes. */
export function dockerfilePath(node: string, build: Build): string {
  return build.kind === 'dockerfile' ? build.dockerfile : `dockerfiles/Dockerfile.${pascalCase(node)}`;
}
