import type { KnownHost } from '../facts.ts';
import { field, textOf } from '../read-documents.ts';
import { containersOf, portsOf, resolvePort, servicePortsOf } from './containers.ts';
import { type KubeObject, ofKind, type Workload } from './objects.ts';
import type { PodIndex } from './pod-index.ts';

export interface AddressBookInput {
  readonly objects: readonly KubeObject[];
  readonly workloads: ReadonlyMap<Workload, string>;
  readonly pods: PodIndex;
  readonly nodes: readonly string[];
  /** What is known to be outside of the cluster. */
  readonly external: readonly KnownHost[];
}

/** Every name that leads somewhere: Services to the pods that they select, the rest to what is outside of the cluster. */
export function readAddressBook(input: AddressBookInput): KnownHost[] {
  const inCluster = ofKind(input.objects, 'Service').flatMap((service) => hostsOf(service, input));
  return [...inCluster, ...input.external];
}

function hostsOf(service: KubeObject, { workloads, pods, nodes, external }: AddressBookInput): KnownHost[] {
  const alias = textOf(field(service.tree, 'spec', 'externalName'));
  if (alias !== undefined) {
    const behind = external.find(({ host }) => host === alias)?.node ?? nodes.find((node) => node === service.name);
    return behind === undefined ? [] : namesOf(service).map((host) => ({ host, node: behind }));
  }
  const [workload] = pods.selectedBy(service);
  const node = workload && workloads.get(workload);
  if (workload === undefined || node === undefined) return [];
  const opened = containersOf(workload).flatMap(portsOf);
  const ports = servicePortsOf(service).flatMap(({ port, target }) => {
    const inside = resolvePort(target, opened);
    return inside === undefined ? [] : [[port, inside] as const];
  });
  return namesOf(service).map((host) => ({ host, node, ports: new Map(ports) }));
}

/** `discovery`, `discovery.mesh`, `discovery.mesh.svc` and the whole name; `*` stands for a namespace that is not said. */
function namesOf({ name, namespace }: KubeObject): string[] {
  const place = namespace === '' ? '*' : namespace;
  return [name, `${name}.${place}`, `${name}.${place}.svc`, `${name}.${place}.svc.cluster.local`];
}
