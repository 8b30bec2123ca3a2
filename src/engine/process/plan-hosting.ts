import { type Diagnostic, sortDiagnostics } from '../../diagnostics/diagnostic.ts';
import type { Mesh, MeshNode, Need } from '../../mesh/mesh.ts';
import type { Value } from '../../mesh/value.ts';
import { hostingOf } from './host-command.ts';
import type { Available, Hosting } from './hosts/host.ts';

export interface HostingPlan {
  /** What of the wanted runs as host processes, in the order of the mesh. */
  readonly hosted: readonly string[];
  /** What of the wanted does not, and why. */
  readonly unavailable: readonly UnavailableNode[];
  /**
   * The mesh of all nodes that can be hosted, without needs on others and without settings that hold an address of them.
   * Those that are not wanted now are in it too: they may run, and addresses of them are good.
   */
  readonly mesh: Mesh;
  /** The nodes that cannot do without what is unavailable. Nothing may be started when there is one. */
  readonly diagnostics: readonly Diagnostic[];
}

export interface UnavailableNode {
  readonly node: string;
  readonly kind: MeshNode['kind'];
  readonly reason: string;
  readonly fix: string;
  /** The hosted nodes that go without it. */
  readonly missedBy: readonly string[];
}

type Unavailable = Extract<Hosting, { kind: 'unavailable' }>;

/**
 * What of a mesh can run without a container engine. Pure.
 *
 * @param wanted the nodes that are to run, with all that they need; what keeps others from running is nobody's question
 */
export function planHosting(mesh: Mesh, wanted: readonly string[], available: Available): HostingPlan {
  const missing = new Map<string, Unavailable>();
  for (const node of mesh.nodes) {
    const hosting = hostingOf(node, available);
    if (hosting.kind === 'unavailable') missing.set(node.name, hosting);
  }
  dropDependentServers(mesh.nodes, missing);
  const gone = (name: string) => missing.has(name);
  const nodes = mesh.nodes.filter((node) => wanted.includes(node.name));
  const hosted = nodes.filter((node) => !gone(node.name));
  return {
    hosted: hosted.map((node) => node.name),
    unavailable: nodes.flatMap((node) => {
      const why = missing.get(node.name);
      if (why === undefined) return [];
      const missedBy = hosted.filter((other) => other.needs.some((need) => need.node === node.name));
      const { reason, fix } = why;
      return { node: node.name, kind: node.kind, reason, fix, missedBy: missedBy.map((other) => other.name) };
    }),
    mesh: { ...mesh, nodes: mesh.nodes.filter((node) => !gone(node.name)).map((node) => reduce(node, gone)) },
    diagnostics: sortDiagnostics(nodes.flatMap((node) => problemsOf(node, missing))),
  };
}

/** A server that only serves an unavailable one, such as a dashboard, goes with it. */
function dropDependentServers(nodes: readonly MeshNode[], missing: Map<string, Unavailable>): void {
  for (let before = -1; before !== missing.size; ) {
    before = missing.size;
    for (const node of nodes) {
      const need = node.kind === 'infrastructure' && !missing.has(node.name) ? firstBlocking(node, missing) : undefined;
      if (need === undefined) continue;
      const why = missing.get(need.node);
      missing.set(node.name, { kind: 'unavailable', reason: `it needs ${need.node}`, fix: why?.fix ?? 'start Docker' });
    }
  }
}

function firstBlocking(node: MeshNode, missing: ReadonlyMap<string, Unavailable>): Need | undefined {
  return node.needs.find((need) => missing.has(need.node) && !node.canRunWithout.includes(need.node));
}

function problemsOf(node: MeshNode, missing: ReadonlyMap<string, Unavailable>): Diagnostic[] {
  if (node.kind === 'infrastructure') return [];
  const own = missing.get(node.name);
  if (own !== undefined) {
    return [
      {
        code: 'MESH2020',
        severity: 'error',
        message: `${node.name} cannot run as a host process: ${own.reason}`,
        location: node.at,
        hint: own.fix,
      },
    ];
  }
  return node.needs.flatMap((need) => {
    const why = missing.get(need.node);
    if (why === undefined || node.canRunWithout.includes(need.node)) return [];
    return {
      code: 'MESH2020' as const,
      severity: 'error' as const,
      message: `${node.name} needs ${need.node}, which cannot run as a host process: ${why.reason}`,
      location: need.at,
      hint: `${why.fix}; or say that it can do without: \`without: [${need.node}]\``,
    };
  });
}

/** The problems of single nodes that are to run on the host, while the rest runs in containers. Pure. */
export function refuseUnhosted(mesh: Mesh, names: readonly string[], available: Available): Diagnostic[] {
  return mesh.nodes.flatMap((node): Diagnostic[] => {
    const hosting = names.includes(node.name) ? hostingOf(node, available) : undefined;
    if (hosting?.kind !== 'unavailable') return [];
    const message = `${node.name} cannot run on the host: ${hosting.reason}`;
    return [{ code: 'MESH2020', severity: 'error', message, location: node.at, hint: 'leave it in its container' }];
  });
}

function reduce(node: MeshNode, gone: (name: string) => boolean): MeshNode {
  const refersToGone = (value: Value) => value.some((part) => part.kind === 'address' && gone(part.node));
  return {
    ...node,
    needs: node.needs.filter((need) => !gone(need.node)),
    canRunWithout: node.canRunWithout.filter((name) => !gone(name)),
    calls: node.calls.filter((call) => !gone(call.node)),
    env: node.env.filter((setting) => !refersToGone(setting.value)),
    run: node.run && { ...node.run, env: node.run.env.filter((setting) => !refersToGone(setting.value)) },
    files: node.files.filter((file) => !refersToGone(file.content)),
  };
}
