import { didYouMean } from '../../diagnostics/suggest.ts';
import { type ContainerPort, containersOf, portsOf, servicePortsOf } from '../kubernetes/containers.ts';
import { type KubeObject, ofKind, sameNamespace, type Workload } from '../kubernetes/objects.ts';
import { probePorts } from '../kubernetes/read-probe.ts';
import { backendsOf } from '../kubernetes/read-services.ts';
import { field, textOf, textsOf } from '../read-documents.ts';
import {
  type CheckInput,
  type CheckResult,
  finding,
  objectWords,
  type StructureInput,
  selectsNothing,
} from './structure-input.ts';

/** Whether Services lead to pods, and Services, Ingresses and probes to ports that are open. */
export function checkPorts(input: CheckInput): CheckResult {
  const services = ofKind(input.objects, 'Service').filter(
    ({ tree }) => Object.keys(textsOf(field(tree, 'spec', 'selector'))).length > 0,
  );
  const checks = [
    ...services.map((service) => checkService(input, service)),
    ...ofKind(input.objects, 'Ingress').map((ingress) => checkIngress(input, ingress)),
    ...[...input.workloads].map(([workload, node]) => checkProbes(input, workload, node)),
  ];
  return { comparisons: checks.length, findings: checks.flat() };
}

function checkService(input: CheckInput, service: KubeObject) {
  const selected = input.pods.selectedBy(service);
  if (selected.length === 0) {
    return [selectsNothing(input, service, { code: 'MESH4203', what: 'pods' })];
  }
  return selected.flatMap((workload) => {
    const node = input.workloads.get(workload) ?? workload.name;
    const opened = containersOf(workload).flatMap(portsOf);
    return servicePortsOf(service)
      .filter(({ target, protocol }) => !isOpen(target, opened, protocol))
      .map(({ target, targetAt }) =>
        finding(input, {
          code: 'MESH4204',
          service: node,
          fact: objectWords(service),
          message: `${objectWords(service)} leads to port ${target} of ${node}, which no container opens`,
          at: targetAt,
          other: { what: objectWords(workload), at: opened[0]?.at ?? workload.at },
          hint: suggestPort(target, opened),
        }),
      );
  });
}

/** A container that declares no ports at all may open any number. */
function isOpen(written: string, opened: readonly ContainerPort[], protocol?: string): boolean {
  const isNumber = /^\d+$/.test(written);
  if (isNumber && opened.length === 0) return true;
  return opened.some(
    (port) =>
      (isNumber ? port.port === Number(written) : port.name === written) &&
      (protocol === undefined || port.protocol === protocol),
  );
}

function suggestPort(written: string, opened: readonly ContainerPort[]): string {
  const names = opened.flatMap(({ name, port }) => name ?? String(port));
  return (
    didYouMean(written, names) ?? (names.length > 0 ? `it opens: ${names.join(', ')}` : 'declare it among its ports')
  );
}

function checkIngress(input: StructureInput, ingress: KubeObject) {
  return backendsOf(ingress).flatMap((backend) => {
    const named = field(backend, 'service', 'name');
    const name = textOf(named);
    if (named === undefined || name === undefined) return [];
    const service = ofKind(input.objects, 'Service').find(
      (candidate) => candidate.name === name && sameNamespace(candidate, ingress),
    );
    if (service === undefined) {
      return [
        finding(input, {
          code: 'MESH4210',
          fact: objectWords(ingress),
          message: `${objectWords(ingress)} leads to Service ${name}, which does not exist`,
          at: named.at,
          hint:
            didYouMean(
              name,
              ofKind(input.objects, 'Service').map((other) => other.name),
            ) ?? 'correct the name',
        }),
      ];
    }
    const port = field(backend, 'service', 'port', 'name') ?? field(backend, 'service', 'port', 'number');
    const written = textOf(port) ?? '';
    const ports = servicePortsOf(service);
    if (ports.some((own) => own.name === written || String(own.port) === written)) return [];
    return [
      finding(input, {
        code: 'MESH4204',
        fact: objectWords(ingress),
        message: `${objectWords(ingress)} leads to port ${written} of ${objectWords(service)}, which does not have it`,
        at: port?.at ?? named.at,
        other: { what: objectWords(service), at: service.at },
        hint: `it has: ${ports.map((own) => own.name ?? own.port).join(', ')}`,
      }),
    ];
  });
}

function checkProbes(input: StructureInput, workload: Workload, node: string) {
  return containersOf(workload).flatMap((container) => {
    const opened = portsOf(container);
    return probePorts(container)
      .filter(({ port }) => !isOpen(port, opened))
      .map(({ probe, port, at }) =>
        finding(input, {
          code: 'MESH4207',
          service: node,
          fact: `probe ${probe}`,
          message: `the ${probe} of ${node} asks port ${port}, which its container does not open`,
          at,
          other: { what: objectWords(workload), at: opened[0]?.at ?? workload.at },
          hint: suggestPort(port, opened),
        }),
      );
  });
}
