import type { Mesh } from './mesh.ts';

/** Where the committed compose file is, and where the relative paths of every compose file start. */
export const COMPOSE_FOLDER = 'compose';

const COMMITTED_FILE = `${COMPOSE_FOLDER}/docker-compose.yml`;

/**
 * The compose file of a mesh, relative to the project's folder. That of an instance is nobody else's business: it lies
 * with the state, so that the committed one stays as it is in every worktree.
 */
export function composeFileOf(mesh: Mesh): string {
  return mesh.instance === undefined ? COMMITTED_FILE : `.mesh/${COMPOSE_FOLDER}/${mesh.project}.yml`;
}
