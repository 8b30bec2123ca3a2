import type { Diagnostic, Outcome } from '../diagnostics/diagnostic.ts';
import { didYouMean } from '../diagnostics/suggest.ts';
import { topologicalOrder, withAncestors } from '../graph/topology.ts';
import { needsOf } from './check-model.ts';
import type { Mesh } from './mesh.ts';

export interface Selection {
  /** Named on the command line; empty for all that are on. */
  readonly names: readonly string[];
  readonly profiles: readonly string[];
}

/** The nodes that a command is about with all that they need, needs first. */
export function selectNodes(mesh: Mesh, selection: Selection): Outcome<readonly string[]> {
  const diagnostics = [...unknownNames(mesh, selection.names), ...unknownProfiles(mesh, selection.profiles)];
  if (diagnostics.length > 0) return { diagnostics };
  const on = mesh.nodes
    .filter(
      (node) => node.profiles.length === 0 || node.profiles.some((profile) => selection.profiles.includes(profile)),
    )
    .map((node) => node.name);
  const needs = needsOf(mesh.nodes);
  const wanted = withAncestors(selection.names.length > 0 ? selection.names : on, needs);
  return { value: topologicalOrder(needs).filter((name) => wanted.has(name)), diagnostics: [] };
}

/** Problems for names that no node has; commands that take names call it before they do anything. */
export function unknownNames(mesh: Mesh, names: readonly string[]): Diagnostic[] {
  const known = mesh.nodes.map((node) => node.name);
  return names
    .filter((name) => !known.includes(name))
    .map((name) => ({
      code: 'MESH1209',
      severity: 'error',
      message: `there is no service "${name}"`,
      hint: didYouMean(name, known) ?? `there are: ${known.join(', ')}`,
    }));
}

function unknownProfiles(mesh: Mesh, profiles: readonly string[]): Diagnostic[] {
  const known = [...new Set(mesh.nodes.flatMap((node) => node.profiles))].sort();
  return profiles
    .filter((profile) => !known.includes(profile))
    .map((profile) => ({
      code: 'MESH1210',
      severity: 'error',
      message: `there is no profile "${profile}"`,
      hint:
        didYouMean(profile, known) ?? (known.length > 0 ? `there are: ${known.join(', ')}` : 'the manifest has none'),
    }));
}
