import type { MeshNode, Need } from '../../mesh/mesh.ts';
import { hasContainerCheck, noContainerCheckReason } from './healthcheck.ts';

/** The comment above a service: its tier where a new one begins, and when it starts. */
export function serviceHeading(node: MeshNode, previousTier: string | undefined): string {
  const lines = [`${node.name}: ${startsWhen(node)}`];
  if (node.tier !== previousTier) lines.unshift(`=== ${node.tier} ===`);
  if (node.job) lines.push('Runs once: exit code 0 is its success.');
  else if (!hasContainerCheck(node)) lines.push(`No health check: ${noContainerCheckReason(node)}.`);
  if (node.profiles.length > 0) lines.push(`Only with profile ${node.profiles.join(' or ')}.`);
  return lines.join('\n');
}

function startsWhen(node: MeshNode): string {
  if (node.needs.length === 0) return 'needs nothing, starts at once';
  const clauses = [
    clause(node.needs, 'ready', 'is ready', 'are ready'),
    clause(node.needs, 'started', 'has started', 'have started'),
    clause(node.needs, 'completed', 'is done', 'are done'),
  ];
  return `starts when ${listInWords(clauses.filter((text) => text !== ''))}`;
}

function clause(needs: readonly Need[], condition: Need['condition'], one: string, many: string): string {
  const names = needs.filter((need) => need.condition === condition).map((need) => need.node);
  return names.length === 0 ? '' : `${listInWords(names)} ${names.length === 1 ? one : many}`;
}

/** `a`, `a and b`, `a, b and c`. */
function listInWords(words: readonly string[]): string {
  const last = words.at(-1) ?? '';
  return words.length < 2 ? last : `${words.slice(0, -1).join(', ')} and ${last}`;
}
