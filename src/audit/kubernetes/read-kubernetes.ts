import { type Tree, toPlain } from '../../manifest/tree.ts';
import { canonicalCpu, canonicalMemory } from '../amounts.ts';
import {
  type Fact,
  type FactValue,
  factMap,
  type KnownHost,
  type ServiceFacts,
  type TargetFacts,
  textValue,
} from '../facts.ts';
import { splitImage } from '../image-name.ts';
import { entriesOf, field, fieldEntry, itemsOf, textOf, textsOf } from '../read-documents.ts';
import { readAddressBook } from './address-book.ts';
import { labelText, securityText } from './canonical-text.ts';
import { containersOf, podSpec, portsOf } from './containers.ts';
import { isHook, nameWorkloads } from './name-workloads.ts';
import { type KubeObject, ofKind, type Workload, workloadsOf } from './objects.ts';
import { createPodIndex, servicesByWorkload } from './pod-index.ts';
import { readVariables } from './read-environment.ts';
import { readMounts } from './read-mounts.ts';
import { readProbes } from './read-probe.ts';
import { createSecretReader, type SecretReader } from './read-secret.ts';
import { readServices } from './read-services.ts';

export interface KubernetesOptions {
  /** `k8s`, `helm prod`: as people read it. */
  readonly target: string;
  /** The names that workloads may be about; those of the manifest, or of the other artefact. */
  readonly nodes?: readonly string[] | undefined;
  /** Variable → the secret of the manifest that it carries. */
  readonly secrets?: ReadonlyMap<string, string> | undefined;
  /** What is known to be outside of the cluster. */
  readonly external?: readonly KnownHost[] | undefined;
  /** A text that was rendered, with what stands in for something replaced by that. */
  readonly decode?: ((text: string) => FactValue) | undefined;
}

/** Objects of Kubernetes as facts: a service for each workload, with what its Services, ConfigMaps and Secrets add. */
export function readKubernetes(objects: readonly KubeObject[], options: KubernetesOptions): TargetFacts {
  const nodes = options.nodes ?? [];
  const names = nameWorkloads(workloadsOf(objects), nodes);
  const decode = options.decode ?? textValue;
  const readSecret = createSecretReader(options.secrets ?? new Map(), decode);
  const pods = createPodIndex(names.keys());
  const scope = { objects, callable: servicesByWorkload(objects, pods), readSecret, decode };
  const services = [...names]
    .filter(([workload]) => !isHook(workload))
    .map(([workload, name]) => readWorkload(name, workload, scope));
  return {
    target: options.target,
    services: new Map(services.map((service) => [service.name, service])),
    hosts: readAddressBook({ objects, workloads: names, pods, nodes, external: options.external ?? [] }),
  };
}

interface Scope {
  readonly objects: readonly KubeObject[];
  /** The Services of each workload. */
  readonly callable: ReadonlyMap<Workload, readonly KubeObject[]>;
  readonly readSecret: SecretReader;
  readonly decode: (text: string) => FactValue;
}

function readWorkload(
  name: string,
  workload: Workload,
  { objects, callable, readSecret, decode }: Scope,
): ServiceFacts {
  const containers = containersOf(workload);
  // The others are side cars: what is about the service is said of its own container.
  const main = containers.find((container) => textOf(field(container, 'name')) === name) ?? containers[0];
  const scope = { objects, workload, readSecret, decode };
  const facts: Fact[] = [
    ...readReplicas(workload, objects),
    ...readLabels(workload),
    ...readServices(callable.get(workload) ?? [], portsOf(main), ofKind(objects, 'Ingress')),
    ...readPodRuns(workload),
    ...readSelector(workload),
  ];
  if (main !== undefined) {
    const ports = portsOf(main);
    facts.push(
      ...readImage(main),
      ...readVariables(main, scope),
      ...ports.map(({ name: portName, port, protocol, at }): Fact => {
        return { aspect: 'port', key: portKey(port, protocol), value: textValue(portName ?? ''), at };
      }),
      ...readProbes(main, ports),
      ...readResources(main),
      ...readContainerRuns(main, workload),
      ...readMounts(main, scope),
    );
  }
  return { name, facts: factMap(facts), at: workload.at };
}

export function portKey(port: number, protocol: string): string {
  return `${port}/${protocol.toLowerCase()}`;
}

function readImage(container: Tree): Fact[] {
  const entry = fieldEntry(container, 'image');
  const image = textOf(entry?.tree);
  if (entry === undefined || image === undefined) return [];
  const { repository, tag } = splitImage(image);
  const policy = field(container, 'imagePullPolicy');
  return [
    { aspect: 'image', key: 'repository', value: textValue(repository), at: entry.tree.at },
    { aspect: 'image', key: 'tag', value: textValue(tag), at: entry.tree.at },
    ...(policy === undefined
      ? []
      : [{ aspect: 'image', key: 'pull policy', value: textValue(textOf(policy) ?? ''), at: policy.at } as const]),
  ];
}

/** An autoscaler decides the number where there is one: then what it starts from is its smallest. */
function readReplicas(workload: Workload, objects: readonly KubeObject[]): Fact[] {
  if (['Job', 'CronJob', 'DaemonSet'].includes(workload.kind)) return [];
  const own = field(workload.tree, 'spec', 'replicas');
  const scaler = ofKind(objects, 'HorizontalPodAutoscaler').find(
    ({ tree }) =>
      textOf(field(tree, 'spec', 'scaleTargetRef', 'name')) === workload.name &&
      textOf(field(tree, 'spec', 'scaleTargetRef', 'kind')) === workload.kind,
  );
  const written = own ?? (scaler && field(scaler.tree, 'spec', 'minReplicas'));
  const value = textValue(textOf(written) ?? '1');
  return [{ aspect: 'replicas', key: '', value, at: written?.at ?? workload.at }];
}

/** Those of the pods: what selects them, and what people list them by. */
function readLabels(workload: Workload): Fact[] {
  return entriesOf(field(workload.template, 'metadata', 'labels')).map(([key, { tree }]) => ({
    aspect: 'label',
    key,
    value: textValue(textOf(tree) ?? ''),
    at: tree.at,
  }));
}

function readSelector(workload: Workload): Fact[] {
  const selector = field(workload.tree, 'spec', 'selector');
  if (selector === undefined) return [];
  return [{ aspect: 'selector', key: '', value: textValue(labelText(selectorOf(workload))), at: selector.at }];
}

function readResources(container: Tree): Fact[] {
  return (['requests', 'limits'] as const).flatMap((kind) =>
    entriesOf(field(container, 'resources', kind)).flatMap(([name, { tree }]): Fact[] => {
      const amount = textOf(tree) ?? '';
      const value = name === 'cpu' ? canonicalCpu(amount) : canonicalMemory(amount);
      return [{ aspect: 'resources', key: `${kind} ${name}`, value: textValue(value), at: tree.at }];
    }),
  );
}

function readPodRuns(workload: Workload): Fact[] {
  const grace = field(podSpec(workload), 'terminationGracePeriodSeconds');
  return [
    { aspect: 'runs', key: 'kind', value: textValue(workload.kind), at: workload.at },
    {
      aspect: 'runs',
      key: 'seconds to stop',
      value: textValue(textOf(grace) ?? '30'),
      at: grace?.at ?? workload.at,
    },
  ];
}

function readContainerRuns(container: Tree, workload: Workload): Fact[] {
  const words = (key: string, field_: string): Fact[] => {
    const entry = fieldEntry(container, field_);
    if (entry === undefined) return [];
    // `$$(NAME)` is how Kubernetes writes a `$(NAME)` that is no variable.
    const list = itemsOf(entry.tree).map((item) => (textOf(item) ?? '').replaceAll('$$(', () => '$('));
    return list.length === 0
      ? []
      : [{ aspect: 'runs', key, value: textValue(JSON.stringify(list)), at: entry.tree.at }];
  };
  const security = ['securityContext', 'runAsUser'] as const;
  const name = field(container, 'name');
  const user = field(container, ...security) ?? field(podSpec(workload), ...security);
  return [
    ...words('entrypoint', 'command'),
    ...words('command', 'args'),
    ...(name === undefined
      ? []
      : [{ aspect: 'runs', key: 'container', value: textValue(textOf(name) ?? ''), at: name.at } as const]),
    ...readSecurity(container, workload),
    ...(user === undefined
      ? []
      : [{ aspect: 'runs', key: 'user', value: textValue(textOf(user) ?? ''), at: user.at } as const]),
  ];
}

/** What the pod and its container may do, in one text. */
function readSecurity(container: Tree, workload: Workload): Fact[] {
  const pod = podSpec(workload);
  const own = field(container, 'securityContext');
  const all = field(pod, 'securityContext');
  const text = securityText({
    pod: all && toPlain(all),
    container: own && toPlain(own),
    automountServiceAccountToken: textOf(field(pod, 'automountServiceAccountToken')),
    enableServiceLinks: textOf(field(pod, 'enableServiceLinks')),
    shareProcessNamespace: textOf(field(pod, 'shareProcessNamespace')),
  });
  return [{ aspect: 'runs', key: 'security', value: textValue(text), at: own?.at ?? all?.at ?? workload.at }];
}

/** The labels that a workload selects its pods by. */
export function selectorOf(workload: Workload): Record<string, string> {
  return textsOf(field(workload.tree, 'spec', 'selector', 'matchLabels'));
}
