import type { Source } from '../diagnostics/location.ts';
import type { Mesh } from '../mesh/mesh.ts';
import { compareTargets } from './compare/compare-targets.ts';
import { readCompose } from './compose/read-compose.ts';
import { expectCompose } from './expect/expect-compose.ts';
import { expectEdges } from './expect/expect-edges.ts';
import { expectKubernetes, externalHosts, type KubernetesStyle } from './expect/expect-kubernetes.ts';
import type { FactValue } from './facts.ts';
import { type Audit, joinAudits } from './finding.ts';
import { nameWorkloads } from './kubernetes/name-workloads.ts';
import { type KubeObject, workloadsOf } from './kubernetes/objects.ts';
import { readKubernetes } from './kubernetes/read-kubernetes.ts';
import { checkSchema } from './schema/check-schema.ts';
import { checkStructure } from './structure/check-structure.ts';

const GENERATE =
  'change mesh.yaml where that is what you want, then run: mesh generate (--force where a file was edited by hand)';

export interface AuditOptions {
  /** `compose`, `helm prod`: as people read it. */
  readonly target: string;
  /** What to do about a difference; to write the files again when not given. */
  readonly hint?: string | undefined;
}

/**
 * Holds a compose file against the manifest.
 *
 * @throws InvalidInput when it is no YAML
 */
export function auditCompose(mesh: Mesh, source: Source, options: AuditOptions): Audit {
  const found = { ...readCompose(source, { secrets: secretVariables(mesh) }), target: options.target };
  const ownsLabel = (key: string) => key.startsWith('dev.mesh.');
  return compareTargets(expectCompose(mesh), found, { ownsLabel, hint: options.hint ?? GENERATE });
}

export interface KubernetesAuditOptions extends AuditOptions {
  readonly style: KubernetesStyle;
  /** Secrets that somebody else makes. */
  readonly provided?: readonly string[] | undefined;
  /** A text that was rendered, with what stands in for something replaced by that. */
  readonly decode?: ((text: string) => FactValue) | undefined;
}

/** Holds Kubernetes objects against the manifest, and against each other. */
export function auditKubernetes(mesh: Mesh, objects: readonly KubeObject[], options: KubernetesAuditOptions): Audit {
  const { target, style, provided, decode } = options;
  const nodes = mesh.nodes.map(({ name }) => name);
  const external = externalHosts(mesh, style.nodes);
  const found = readKubernetes(objects, { target, nodes, secrets: secretVariables(mesh), external, decode });
  const ownsLabel = (key: string) => key.startsWith('app.kubernetes.io/');
  const compared = compareTargets(expectKubernetes(mesh, style), found, { ownsLabel, hint: options.hint ?? GENERATE });
  const workloads = nameWorkloads(workloadsOf(objects), nodes);
  const edges = expectEdges(mesh);
  const structure = { target, objects, workloads, hosts: found.hosts, edges, provided };
  return joinAudits([compared, checkStructure(structure), checkSchema(structure)]);
}

/** Variable → the secret that it carries. */
function secretVariables(mesh: Mesh): ReadonlyMap<string, string> {
  return new Map(mesh.secrets.map(({ variable, name }) => [variable, name]));
}
