import type { Location } from '../../diagnostics/location.ts';
import type { Tree } from '../../manifest/tree.ts';
import { containersOf, portsOf, resolvePort } from '../kubernetes/containers.ts';
import { isHook } from '../kubernetes/name-workloads.ts';
import { type KubeObject, matchesSelector, ofKind, sameNamespace, type Workload } from '../kubernetes/objects.ts';
import { backendsOf } from '../kubernetes/read-services.ts';
import { entriesOf, field, itemsOf, numberOf, textOf } from '../read-documents.ts';
import {
  type CheckInput,
  type CheckResult,
  type DeclaredEdge,
  finding,
  objectWords,
  type StructureInput,
} from './structure-input.ts';

type Direction = 'ingress' | 'egress';

interface Policy {
  readonly object: KubeObject;
  readonly selected: readonly Workload[];
  readonly directions: readonly Direction[];
}

/** Whether the policies of a target admit every call that is declared, and no other one between its services. */
export function checkNetworkPolicies(input: CheckInput): CheckResult {
  const policies = ofKind(input.objects, 'NetworkPolicy').map((object) => asPolicy(object, input));
  const { edges } = input;
  if (policies.length === 0 || edges === undefined) return { comparisons: 0, findings: [] };
  const byNode = new Map([...input.workloads].map(([workload, node]) => [node, workload]));
  const blocked = edges.flatMap((edge) => checkEdge(input, policies, byNode, edge));
  const admitted = policies.flatMap((policy) => checkAdmitted(input, policy, edges));
  return { comparisons: edges.length + policies.length, findings: [...blocked, ...admitted] };
}

function asPolicy(object: KubeObject, { workloads }: StructureInput): Policy {
  const spec = field(object.tree, 'spec');
  const types = itemsOf(field(spec, 'policyTypes')).map((item) => (textOf(item) ?? '').toLowerCase());
  // Without a list, a policy is about what comes in, and about what goes out where it has rules for that.
  const implied = ['ingress', ...(field(spec, 'egress') === undefined ? [] : ['egress'])];
  const directions = (['ingress', 'egress'] as const).filter((direction) =>
    (types.length > 0 ? types : implied).includes(direction),
  );
  const selected = [...workloads.keys()].filter(
    (workload) => sameNamespace(object, workload) && matchesSelector(field(spec, 'podSelector'), workload.podLabels),
  );
  return { object, selected, directions };
}

function checkEdge(
  input: StructureInput,
  policies: readonly Policy[],
  byNode: ReadonlyMap<string, Workload>,
  edge: DeclaredEdge,
) {
  const from = byNode.get(edge.from);
  const to = byNode.get(edge.to);
  const checks: { readonly direction: Direction; readonly own: Workload; readonly other: Workload | undefined }[] = [];
  if (from !== undefined) checks.push({ direction: 'egress', own: from, other: to });
  if (from !== undefined && to !== undefined) checks.push({ direction: 'ingress', own: to, other: from });
  return checks.flatMap(({ direction, own, other }) => {
    const about = policies.filter((policy) => policy.directions.includes(direction) && policy.selected.includes(own));
    const ports = edge.ports.length > 0 ? edge.ports : [undefined];
    const opened = to === undefined ? [] : containersOf(to).flatMap(portsOf);
    const closed = ports.filter(
      (port) =>
        about.length > 0 &&
        !about.some((policy) =>
          rulesOf(policy, direction).some(
            (rule) => admitsPeer(input, policy, rule, direction, other) && admitsPort(rule, port, opened),
          ),
        ),
    );
    const [first] = about;
    if (closed.length === 0 || first === undefined) return [];
    const port = closed[0] === undefined ? '' : ` on port ${closed.join(', ')}`;
    const way = direction === 'egress' ? `${edge.from} may not call out to` : `${edge.to} may not be called by`;
    return [
      finding(input, {
        code: 'MESH4205',
        service: edge.from,
        fact: `call of ${edge.to}`,
        message: `${edge.from} needs ${edge.to}, and ${objectWords(first.object)} does not admit it: ${way} ${direction === 'egress' ? edge.to : edge.from}${port}`,
        at: first.object.at,
        other: { what: 'manifest', at: edge.at },
        hint: `admit it under \`${direction}\``,
      }),
    ];
  });
}

function rulesOf(policy: Policy, direction: Direction): readonly Tree[] {
  return itemsOf(field(policy.object.tree, 'spec', direction));
}

function peersOf(rule: Tree, direction: Direction): readonly Tree[] {
  return itemsOf(field(rule, direction === 'ingress' ? 'from' : 'to'));
}

/** A rule without peers is about everybody. What is outside of the cluster is met by an address block alone. */
function admitsPeer(
  input: StructureInput,
  policy: Policy,
  rule: Tree,
  direction: Direction,
  other: Workload | undefined,
): boolean {
  const peers = peersOf(rule, direction);
  if (peers.length === 0) return true;
  return peers.some((peer) => {
    if (isEverybody(peer)) return true;
    if (field(peer, 'ipBlock') !== undefined) return other === undefined;
    if (other === undefined) return field(peer, 'podSelector') === undefined && isAnyNamespace(peer);
    return matchesPeer(input, policy, peer, other) ?? true;
  });
}

function isAnyNamespace(peer: Tree): boolean {
  const namespaces = field(peer, 'namespaceSelector');
  return namespaces !== undefined && selectsAll(namespaces);
}

function selectsAll(selector: Tree | undefined): boolean {
  return (
    entriesOf(field(selector, 'matchLabels')).length === 0 && itemsOf(field(selector, 'matchExpressions')).length === 0
  );
}

function keysOf(selector: Tree): (string | undefined)[] {
  return [
    ...entriesOf(field(selector, 'matchLabels')).map(([key]) => key),
    ...itemsOf(field(selector, 'matchExpressions')).map((expression) => textOf(field(expression, 'key'))),
  ];
}

/** The label that Kubernetes gives every namespace. */
const NAMESPACE_NAME = 'kubernetes.io/metadata.name';

/**
 * Whether a peer of a policy is a certain workload; undefined where it depends on the name or the labels of a namespace
 * that the objects do not say.
 */
function matchesPeer({ objects }: StructureInput, policy: Policy, peer: Tree, other: Workload): boolean | undefined {
  if (field(peer, 'ipBlock') !== undefined) return false;
  if (!matchesSelector(field(peer, 'podSelector'), other.podLabels)) return false;
  const namespaces = field(peer, 'namespaceSelector');
  if (namespaces === undefined) return sameNamespace(policy.object, other);
  if (selectsAll(namespaces)) return true;
  // Whoever lets a whole namespace in means another one.
  const unknown = field(peer, 'podSelector') === undefined ? false : undefined;
  const name = other.namespace || policy.object.namespace;
  if (name === '') return unknown;
  const own = ofKind(objects, 'Namespace').find((object) => object.name === name)?.labels;
  const isByName = keysOf(namespaces).every((key) => key === NAMESPACE_NAME);
  return own === undefined && !isByName ? unknown : matchesSelector(namespaces, { ...own, [NAMESPACE_NAME]: name });
}

/** Without a port, a call may be to any one that is opened. */
function admitsPort(rule: Tree, port: number | undefined, opened: Parameters<typeof resolvePort>[1]): boolean {
  const ports = itemsOf(field(rule, 'ports'));
  if (ports.length === 0) return true;
  if (port === undefined) {
    return opened.length === 0 || opened.some((one) => admitsPort(rule, one.port, opened));
  }
  return ports.some((item) => {
    const written = textOf(field(item, 'port'));
    if (written === undefined) return true;
    const first = resolvePort(written, opened);
    const last = numberOf(field(item, 'endPort')) ?? first;
    return first !== undefined && last !== undefined && port >= first && port <= last;
  });
}

function checkAdmitted(input: CheckInput, policy: Policy, edges: readonly DeclaredEdge[]) {
  const declared = new Set(edges.map(({ from, to }) => `${from} ${to}`));
  return policy.directions.flatMap((direction) =>
    rulesOf(policy, direction).flatMap((rule) =>
      policy.selected.flatMap((own) => {
        const node = input.workloads.get(own) ?? own.name;
        const peers = peersOf(rule, direction);
        if (peers.length === 0 || (direction === 'ingress' && peers.some(isEverybody)))
          return direction === 'ingress' ? openToAll(input, policy, own, rule.at) : [];
        const others = [...input.workloads].filter(
          ([other]) =>
            other !== own &&
            // What runs once, such as a test of all services, needs nothing of its own.
            !isHook(other) &&
            peers.some((peer) => field(peer, 'podSelector') !== undefined && matchesPeer(input, policy, peer, other)),
        );
        return others
          .map(([, other]) => (direction === 'ingress' ? { from: other, to: node } : { from: node, to: other }))
          .filter(({ from, to }) => !declared.has(`${from} ${to}`))
          .map(({ from, to }) =>
            finding(input, {
              code: 'MESH4206',
              service: to,
              fact: `call of ${to}`,
              message: `${objectWords(policy.object)} lets ${from} call ${to}, which the manifest does not declare`,
              at: rule.at,
              hint: `declare it under \`needs\` of ${from}, or do not admit it`,
            }),
          );
      }),
    ),
  );
}

/** Every pod of every namespace, or every address. */
function isEverybody(peer: Tree): boolean {
  const block = field(peer, 'ipBlock');
  if (block === undefined) return isAnyNamespace(peer) && selectsAll(field(peer, 'podSelector'));
  return /\/0$/.test(textOf(field(block, 'cidr')) ?? '') && itemsOf(field(block, 'except')).length === 0;
}

/** Everybody may call what is published; a service that is not should say who calls it. */
function openToAll(input: CheckInput, policy: Policy, own: Workload, at: Location) {
  const node = input.workloads.get(own) ?? own.name;
  const services = ofKind(input.objects, 'Service').filter((service) => input.pods.selectedBy(service).includes(own));
  const published = services.some((service) =>
    ['LoadBalancer', 'NodePort'].includes(textOf(field(service.tree, 'spec', 'type')) ?? ''),
  );
  const routed = ofKind(input.objects, 'Ingress')
    .flatMap(backendsOf)
    .some((backend) => services.some(({ name }) => name === textOf(field(backend, 'service', 'name'))));
  if (published || routed) return [];
  return [
    finding(input, {
      code: 'MESH4206',
      service: node,
      fact: `call of ${node}`,
      message: `${objectWords(policy.object)} lets everybody call ${node}, which is not published`,
      at,
      hint: 'name who may call it',
    }),
  ];
}
