import { didYouMean } from '../../diagnostics/suggest.ts';
import { podSpec } from '../kubernetes/containers.ts';
import { type KubeObject, matchesSelector, ofKind, sameNamespace, type Workload } from '../kubernetes/objects.ts';
import { servicesByWorkload } from '../kubernetes/pod-index.ts';
import { referencesOf } from '../kubernetes/references.ts';
import { field, fieldEntry, textOf, textsOf } from '../read-documents.ts';
import {
  type CheckInput,
  type CheckResult,
  finding,
  objectWords,
  type StructureInput,
  selectsNothing,
} from './structure-input.ts';

/** Whether objects are there once, name only what is there, and agree with each other about who they belong to. */
export function checkObjects(input: CheckInput): CheckResult {
  const held = objectsOfOne(input);
  const callable = servicesByWorkload(input.objects, input.pods);
  const findings = [
    ...checkDuplicates(input),
    ...ofKind(input.objects, 'HorizontalPodAutoscaler').flatMap((scaler) => checkScaler(input, scaler)),
    ...ofKind(input.objects, 'PodDisruptionBudget').flatMap((budget) => checkBudget(input, budget)),
    ...ofKind(input.objects, 'ServiceMonitor').flatMap((monitor) => checkMonitor(input, monitor)),
    ...[...input.workloads].flatMap(([workload, node]) => [
      ...checkAccount(input, workload, node),
      ...checkLabels(input, workload, [...(callable.get(workload) ?? []), ...(held.get(workload) ?? [])]),
    ]),
  ];
  return { comparisons: input.objects.length, findings };
}

function checkDuplicates(input: StructureInput) {
  const first = new Map<string, KubeObject>();
  return input.objects.flatMap((object) => {
    const group = object.apiVersion.split('/').slice(0, -1).join('/');
    const key = `${group} ${object.kind} ${object.namespace} ${object.name}`;
    const before = first.get(key);
    first.set(key, before ?? object);
    if (before === undefined) return [];
    return [
      finding(input, {
        code: 'MESH4209',
        fact: objectWords(object),
        message: `${objectWords(object)} is there twice`,
        at: object.at,
        other: { what: 'first', at: before.at },
        hint: 'rename or remove one of them',
      }),
    ];
  });
}

function checkScaler(input: StructureInput, scaler: KubeObject) {
  const target = field(scaler.tree, 'spec', 'scaleTargetRef');
  const kind = textOf(field(target, 'kind')) ?? '';
  const named = field(target, 'name');
  const name = textOf(named) ?? '';
  const candidates = ofKind(input.objects, kind);
  const found = candidates.find((object) => object.name === name && sameNamespace(object, scaler));
  if (found === undefined) {
    return [
      finding(input, {
        code: 'MESH4210',
        fact: objectWords(scaler),
        message: `${objectWords(scaler)} scales ${kind} ${name}, which does not exist`,
        at: named?.at ?? scaler.at,
        hint:
          didYouMean(
            name,
            candidates.map((object) => object.name),
          ) ?? 'correct the name',
      }),
    ];
  }
  const replicas = fieldEntry(found.tree, 'spec', 'replicas');
  if (replicas === undefined) return [];
  return [
    finding(input, {
      code: 'MESH4210',
      fact: objectWords(scaler),
      message: `${objectWords(found)} says a number of replicas, which takes back what ${objectWords(scaler)} decided each time it is applied`,
      at: replicas.tree.at,
      other: { what: objectWords(scaler), at: scaler.at },
      hint: 'leave `replicas` out where an autoscaler decides',
    }),
  ];
}

function checkBudget(input: StructureInput, budget: KubeObject) {
  const selector = field(budget.tree, 'spec', 'selector');
  const selected = [...input.workloads.keys()].some(
    (workload) => sameNamespace(budget, workload) && matchesSelector(selector, workload.podLabels),
  );
  if (selected) return [];
  return [selectsNothing(input, budget, { code: 'MESH4210', what: 'pods' })];
}

function checkMonitor(input: StructureInput, monitor: KubeObject) {
  const selector = field(monitor.tree, 'spec', 'selector');
  if (ofKind(input.objects, 'Service').some((service) => matchesSelector(selector, service.labels))) return [];
  return [selectsNothing(input, monitor, { code: 'MESH4210', what: 'Service' })];
}

function checkAccount(input: StructureInput, workload: Workload, node: string) {
  const named = field(podSpec(workload), 'serviceAccountName');
  const name = textOf(named);
  if (named === undefined || name === undefined || name === 'default' || name === '') return [];
  const accounts = ofKind(input.objects, 'ServiceAccount').map((account) => account.name);
  if (accounts.includes(name)) return [];
  return [
    finding(input, {
      code: 'MESH4210',
      service: node,
      fact: `ServiceAccount ${name}`,
      message: `${node} runs as ServiceAccount ${name}, which does not exist`,
      at: named.at,
      hint: didYouMean(name, accounts) ?? 'add it, or correct the name',
    }),
  ];
}

const COMMON = /^(?:app\.kubernetes\.io\/|helm\.sh\/chart$)/;

/** The objects that belong to one workload alone carry its labels. */
function checkLabels(input: StructureInput, workload: Workload, held: readonly KubeObject[]) {
  const node = input.workloads.get(workload) ?? workload.name;
  return [workload, ...held].flatMap((object) => {
    const labels = field(object.tree, 'metadata', 'labels');
    const missing = missingLabels(object, workload).map((key) =>
      finding(input, {
        code: 'MESH4213',
        service: node,
        fact: `label ${key}`,
        message: `${objectWords(object)} has no label ${key}, and the pods of ${node} have "${workload.podLabels[key]}"`,
        at: labels?.at ?? object.at,
        expected: workload.podLabels[key],
        hint: 'give both the same labels',
      }),
    );
    const different = Object.entries(textsOf(labels))
      .filter(([key, text]) => COMMON.test(key) && key in workload.podLabels && workload.podLabels[key] !== text)
      .map(([key, text]) =>
        finding(input, {
          code: 'MESH4213',
          service: node,
          fact: `label ${key}`,
          message: `${objectWords(object)} has label ${key} "${text}", and the pods of ${node} have "${workload.podLabels[key]}"`,
          at: field(labels, key)?.at ?? object.at,
          other: {
            what: 'labels of the pods',
            at: field(workload.template, 'metadata', 'labels', key)?.at ?? workload.at,
          },
          expected: workload.podLabels[key],
          found: text,
          hint: 'give both the same value',
        }),
      );
    return [...missing, ...different];
  });
}

/** Whoever gives an object some of the common labels means all of them. */
function missingLabels({ labels }: KubeObject, { podLabels }: Workload): string[] {
  if (Object.keys(labels).filter((key) => COMMON.test(key)).length < 2) return [];
  return Object.keys(podLabels).filter((key) => COMMON.test(key) && !(key in labels));
}

/** The objects that one workload alone refers to, found out for all workloads in one go. */
function objectsOfOne(input: StructureInput): ReadonlyMap<Workload, readonly KubeObject[]> {
  const users = new Map<string, Set<Workload>>();
  for (const workload of input.workloads.keys()) {
    for (const reference of referencesOf(workload)) {
      const words = objectWords(reference);
      users.set(words, (users.get(words) ?? new Set()).add(workload));
    }
  }
  const held = new Map<Workload, KubeObject[]>();
  for (const object of input.objects) {
    const [only, ...others] = users.get(objectWords(object)) ?? [];
    if (only === undefined || others.length > 0) continue;
    held.set(only, [...(held.get(only) ?? []), object]);
  }
  return held;
}
