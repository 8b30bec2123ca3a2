import { type Check, type Mesh, type MeshNode, type Need, nodeOf, replicaName } from '../../mesh/mesh.ts';
import { hasContainerCheck, noContainerCheckReason } from './healthcheck.ts';
import type { Note } from '../note.ts';

export type ComposeCondition = 'service_healthy' | 'service_started' | 'service_completed_successfully';

export interface ComposeDependency {
  readonly condition: ComposeCondition;
  readonly required?: false;
}

/** The needs of a node, in the terms of Compose: of every replica of the other node. */
export function composeDependencies(mesh: Mesh, node: MeshNode): Record<string, ComposeDependency> {
  const entries = node.needs.flatMap((need) => {
    const other = nodeOf(mesh, need.node);
    // What runs on the host is no service of the file; mesh waits for it itself.
    if (other.onHost !== undefined) return [];
    const dependency: ComposeDependency = {
      condition: conditionOf(need, other),
      ...(isOptional(node, other) && { required: false }),
    };
    return replicaNames(other).map((name) => [name, dependency] as const);
  });
  return Object.fromEntries(entries);
}

/** Where Compose waits for less than the manifest asks, and why. */
export function dependencyNotes(mesh: Mesh, node: MeshNode): Note[] {
  return node.needs.flatMap((need) => {
    const other = nodeOf(mesh, need.node);
    if (other.onHost !== undefined) return [];
    const isLess = need.condition === 'ready' && conditionOf(need, other) === 'service_started';
    if (!isLess || other.health.ready.kind === 'running') return [];
    const text = `not service_healthy: ${noContainerCheckReason(other)}`;
    return replicaNames(other).map((name): Note => ({ path: ['depends_on', name], place: 'beside', text }));
  });
}

/** The names of a node's replicas, which are services of their own. */
export function replicaNames(node: MeshNode): string[] {
  return Array.from({ length: node.replicas }, (_, index) => replicaName(node.name, index + 1));
}

function conditionOf(need: Need, other: MeshNode): ComposeCondition {
  if (need.condition === 'started') return 'service_started';
  if (need.condition === 'completed' || runsOnce(other, other.health.ready)) return 'service_completed_successfully';
  return hasContainerCheck(other) ? 'service_healthy' : 'service_started';
}

function runsOnce(node: MeshNode, ready: Check): boolean {
  return node.job || ready.kind === 'completed';
}

// Compose refuses a dependency on a service whose profile is off, unless it is not required.
function isOptional(node: MeshNode, other: MeshNode): boolean {
  if (other.profiles.length === 0) return false;
  return node.profiles.length === 0 || !node.profiles.every((profile) => other.profiles.includes(profile));
}
