import type { Mesh } from './mesh.ts';
import { hostNodesOf } from './placement.ts';

/** Where the committed compose file is, and where the relative paths of every compose file start. */
export const COMPOSE_FOLDER = 'compose';

const COMMITTED_FILE = `${COMPOSE_FOLDER}/docker-compose.yml`;

/**
 * The compose file of a mesh, relative to the project's folder. That of an instance, or of a mesh with some nodes on the
 * host or on other ports than asked for, is nobody else's business: it lies with the state, so that the committed one stays as it is.
 */
export function composeFileOf(mesh: Mesh): string {
  return isCommitted(mesh) ? COMMITTED_FILE : `.mesh/${COMPOSE_FOLDER}/${mesh.project}.yml`;
}

/** Whether the compose file of a mesh is the one that is committed. */
export function isCommitted(mesh: Mesh): boolean {
  const isAsAsked = mesh.nodes.every(({ endpoints }) =>
    endpoints.every(({ host }) => host.kind !== 'fixed' || host.onlyHere !== true),
  );
  return mesh.instance === undefined && hostNodesOf(mesh).length === 0 && isAsAsked;
}
