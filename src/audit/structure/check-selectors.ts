import { podSpec } from '../kubernetes/containers.ts';
import { type KubeObject, matchesSelector, ofKind, sameNamespace, type Workload } from '../kubernetes/objects.ts';
import { entriesOf, field, itemsOf, textsOf } from '../read-documents.ts';
import { type CheckInput, type CheckResult, finding, objectWords, type StructureInput } from './structure-input.ts';

/** What changes from one release to the next; a selector can never be changed. */
const UNSTABLE = /^(?:app\.kubernetes\.io\/version|helm\.sh\/chart|chart|version|pod-template-hash|checksum\/.*)$/;

/** Whether each workload and Service selects the pods that it is for, and no others. */
export function checkSelectors(input: CheckInput): CheckResult {
  const selecting = [...input.workloads].filter(([{ kind }]) => !['Pod', 'Job', 'CronJob'].includes(kind));
  const services = ofKind(input.objects, 'Service');
  const findings = [
    ...selecting.flatMap(([workload, node]) => [
      ...checkOwn(input, workload, node),
      ...checkStable(input, workload, node),
      ...checkOthers(input, workload, node),
    ]),
    ...[...input.workloads].flatMap(([workload, node]) => checkSpread(input, workload, node)),
    ...services.flatMap((service) => checkService(input, service)),
  ];
  return { comparisons: selecting.length * 3 + services.length, findings };
}

function checkOwn(input: StructureInput, workload: Workload, node: string) {
  const selector = field(workload.tree, 'spec', 'selector');
  if (matchesSelector(selector, workload.podLabels) && selector !== undefined) return [];
  return [
    finding(input, {
      code: 'MESH4208',
      service: node,
      fact: 'selector',
      message: `${objectWords(workload)} does not select its own pods`,
      at: selector?.at ?? workload.at,
      other: { what: 'labels of the pods', at: field(workload.template, 'metadata', 'labels')?.at ?? workload.at },
      hint: 'give its selector and the labels of its template the same values',
    }),
  ];
}

function checkStable(input: StructureInput, workload: Workload, node: string) {
  return entriesOf(field(workload.tree, 'spec', 'selector', 'matchLabels'))
    .filter(([key]) => UNSTABLE.test(key))
    .map(([key, { keyAt }]) =>
      finding(input, {
        code: 'MESH4208',
        service: node,
        fact: 'selector',
        message: `${objectWords(workload)} selects by ${key}, which changes with a release, while a selector cannot be changed`,
        at: keyAt,
        hint: 'leave it out of the selector',
      }),
    );
}

function checkOthers(input: CheckInput, workload: Workload, node: string) {
  const selector = field(workload.tree, 'spec', 'selector');
  if (selector === undefined) return [];
  return input.pods
    .withLabels(textsOf(field(selector, 'matchLabels')))
    .filter((other) => other !== workload && sameNamespace(other, workload))
    .filter((other) => matchesSelector(selector, other.podLabels))
    .map((other) =>
      finding(input, {
        code: 'MESH4208',
        service: node,
        fact: 'selector',
        message: `${objectWords(workload)} also selects the pods of ${objectWords(other)}`,
        at: selector.at,
        other: { what: 'labels of the pods', at: field(other.template, 'metadata', 'labels')?.at ?? other.at },
        hint: 'select by a label that only these pods have',
      }),
    );
}

function checkService(input: CheckInput, service: KubeObject) {
  const nodes = new Set(
    input.pods.selectedBy(service).map((workload) => input.workloads.get(workload) ?? workload.name),
  );
  if (nodes.size < 2) return [];
  return [
    finding(input, {
      code: 'MESH4208',
      fact: objectWords(service),
      message: `${objectWords(service)} leads to the pods of ${[...nodes].join(' and ')}`,
      at: field(service.tree, 'spec', 'selector')?.at ?? service.at,
      hint: 'select by a label that only the pods of one of them have',
    }),
  ];
}

/** A pod is kept apart from others like it: by a selector that has to match itself. */
function checkSpread(input: StructureInput, workload: Workload, node: string) {
  return itemsOf(field(podSpec(workload), 'topologySpreadConstraints')).flatMap((constraint) => {
    const selector = field(constraint, 'labelSelector');
    if (selector === undefined || matchesSelector(selector, workload.podLabels)) return [];
    return [
      finding(input, {
        code: 'MESH4208',
        service: node,
        fact: 'selector',
        message: `${objectWords(workload)} spreads pods that are not its own`,
        at: selector.at,
        hint: 'give the selector the labels of its template',
      }),
    ];
  });
}
