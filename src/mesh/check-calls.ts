import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { didYouMean } from '../diagnostics/suggest.ts';
import type { Call, Mesh, MeshNode } from './mesh.ts';

/** `calls` names nodes and endpoints that are there. */
export function knownCalls(mesh: Mesh): Diagnostic[] {
  return mesh.nodes.flatMap((node) => node.calls.flatMap((call) => checkCall(mesh, node, call) ?? []));
}

function checkCall(mesh: Mesh, node: MeshNode, { node: target, endpoint, at }: Call): Diagnostic | undefined {
  const callee = mesh.nodes.find((candidate) => candidate.name === target);
  const problem = { severity: 'error', location: at } as const;
  if (callee === undefined) {
    const names = mesh.nodes.map(({ name }) => name);
    const hint = didYouMean(target, names) ?? `there are: ${names.join(', ')}`;
    return { ...problem, code: 'MESH1201', message: `${node.name} calls "${target}", which does not exist`, hint };
  }
  const known = callee.endpoints.map(({ name }) => name);
  if (endpoint !== undefined && !known.includes(endpoint)) {
    const all = known.length > 0 ? `${target} has: ${known.join(', ')}` : `${target} declares no endpoints`;
    const hint = didYouMean(endpoint, known) ?? all;
    return { ...problem, code: 'MESH1203', message: `${target} has no endpoint "${endpoint}"`, hint };
  }
  return undefined;
}
