import type { Mesh, MeshNode } from '../../mesh/mesh.ts';
import type { Part, Value } from '../../mesh/value.ts';
import { addToSet } from './multimap.ts';

/** One node calls another. */
export interface Edge {
  readonly from: string;
  readonly to: string;
  /** The endpoints of the other node, in its order. */
  readonly endpoints: readonly string[];
}

/** All values of a node that may hold references. */
export function valuesOf(node: MeshNode): Value[] {
  return [...node.env.map((setting) => setting.value), ...node.files.map((file) => file.content)];
}

/** All parts of all values of a node. */
export function partsOf(node: MeshNode): Part[] {
  return valuesOf(node).flat();
}

/**
 * Who calls whom. An address names the endpoint that is called, as `calls` may. A need or a call alone only says that it
 * calls: of a service, any endpoint; of a server, what others call there, or else what shows that it is ready.
 */
export function edgesOf(nodes: Mesh['nodes']): Edge[] {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const calls = new Map(nodes.map((node) => [node.name, callsOf(node)]));
  const addressed = new Map<string, Set<string>>();
  for (const called of calls.values()) for (const [to, endpoints] of called) addToSet(addressed, to, endpoints);
  return nodes.flatMap((node) => {
    const called = calls.get(node.name) ?? new Map<string, Set<string>>();
    const targets = new Set([...called.keys(), ...[...node.needs, ...node.calls].map((other) => other.node)]);
    return [...targets].flatMap((to): Edge[] => {
      const target = byName.get(to);
      if (target === undefined) return [];
      const endpoints = called.get(to) ?? neededEndpoints(target, addressed.get(to));
      const inOrder = target.endpoints.map(({ name }) => name).filter((name) => endpoints.has(name));
      return inOrder.length === 0 ? [] : [{ from: node.name, to, endpoints: inOrder }];
    });
  });
}

function callsOf(node: MeshNode): Map<string, Set<string>> {
  const called = new Map<string, Set<string>>();
  for (const part of partsOf(node)) {
    if (part.kind !== 'address' || part.node === node.name) continue;
    addToSet(called, part.node, [part.endpoint]);
  }
  for (const { node: target, endpoint } of node.calls) {
    if (endpoint !== undefined) addToSet(called, target, [endpoint]);
  }
  return called;
}

function neededEndpoints(node: MeshNode, addressed: ReadonlySet<string> | undefined): ReadonlySet<string> {
  if (node.kind === 'service') return new Set(node.endpoints.map(({ name }) => name));
  if (addressed !== undefined) return addressed;
  const { ready } = node.health;
  const first = node.endpoints.find(({ protocol }) => protocol !== 'udp') ?? node.endpoints[0];
  return new Set('endpoint' in ready ? [ready.endpoint] : first === undefined ? [] : [first.name]);
}
