import { type Check, type Endpoint, endpointOf, type Mesh, type MeshNode } from '../../mesh/mesh.ts';
import { isBuiltByMesh } from '../../render/built-by-mesh.ts';
import { containerSecurity, podSecurity } from '../../render/kubernetes/security.ts';
import { http, readHealthcheck } from '../compose/read-healthcheck.ts';
import {
  type Fact,
  type FactPart,
  factMap,
  type KnownHost,
  type ServiceFacts,
  type TargetFacts,
  textValue,
} from '../facts.ts';
import { splitImage } from '../image-name.ts';
import { labelText, securityText } from '../kubernetes/canonical-text.ts';
import { probeTiming } from '../kubernetes/read-probe.ts';
import { expectFiles, expectResources, expectVariables } from './expect-common.ts';
import { placeIn } from './expect-value.ts';

/** What differs between the ways in which a mesh gets into a cluster. */
export interface KubernetesStyle {
  /** The nodes that are deployed. */
  readonly nodes: readonly MeshNode[];
  /** The name that others find a node by. */
  readonly serviceName: (node: MeshNode) => string;
  /** The labels of a node's pods. */
  readonly labels: (node: MeshNode) => Readonly<Record<string, string>>;
  /** Those of them that the pods are selected by. */
  readonly selector: (node: MeshNode) => Readonly<Record<string, string>>;
  readonly image: (node: MeshNode) => { readonly repository: string; readonly tag: string };
  /** What is read where the manifest names a variable of the environment. */
  readonly variable: (part: Extract<FactPart, { kind: 'variable' }>) => string;
  /** Variables that an image needs in a cluster, beside those of the manifest. */
  readonly imageVariables: (node: MeshNode) => Readonly<Record<string, string>>;
  /** The user of the image, where it is known. */
  readonly user: (node: MeshNode) => number | undefined;
  readonly pullPolicy: (node: MeshNode) => string;
}

/** What Kubernetes objects of a mesh have to say: a workload for each node that is deployed. */
export function expectKubernetes(mesh: Mesh, style: KubernetesStyle): TargetFacts {
  const services = style.nodes.map((node) => expectNode(mesh, node, style));
  return { target: 'manifest', services: new Map(services.map((service) => [service.name, service])), hosts: [] };
}

/** Where pods find what is not deployed: at the place that the manifest says, or by its own name. */
export function externalHosts(mesh: Mesh, deployed: readonly MeshNode[]): KnownHost[] {
  return mesh.nodes
    .filter((node) => !deployed.includes(node))
    .map((node) => {
      const { external } = node.kubernetes;
      const [first] = node.endpoints;
      const ports = node.endpoints.map(({ port }) => [port, port] as const);
      return {
        host: external?.host ?? node.name,
        node: node.name,
        // The one port that can be given is that of the first endpoint.
        ...(external?.port !== undefined &&
          first !== undefined && { ports: new Map([...ports.slice(1), [external.port, first.port]]) }),
      };
    });
}

function expectNode(mesh: Mesh, node: MeshNode, style: KubernetesStyle): ServiceFacts {
  const { repository, tag } = style.image(node);
  const at = (...path: readonly string[]) => placeIn(mesh, node, ...path);
  const resolve = (fact: Fact): Fact => ({ ...fact, value: fact.value.map((part) => asRead(part, style)) });
  const said = new Set(node.env.map(({ name }) => name));
  const facts: Fact[] = [
    { aspect: 'image', key: 'repository', value: textValue(repository), at: at('image') },
    { aspect: 'image', key: 'tag', value: textValue(tag), at: at('image') },
    { aspect: 'image', key: 'pull policy', value: textValue(style.pullPolicy(node)), at: at('image') },
    ...expectVariables(mesh, node).map(resolve),
    ...Object.entries(style.imageVariables(node))
      .filter(([name]) => !said.has(name))
      .map(([key, text]): Fact => ({ aspect: 'variable', key, value: textValue(text), at: at('image') })),
    ...expectPorts(node, at('kubernetes'), style.serviceName(node)),
    ...expectProbes(node, at),
    ...expectResources(mesh, node),
    ...(node.job
      ? []
      : [{ aspect: 'replicas', key: '', value: textValue(String(node.replicas)), at: at('replicas') } as const]),
    ...Object.entries(style.labels(node)).map(([key, text]): Fact => {
      return { aspect: 'label', key, value: textValue(text), at: node.at };
    }),
    ...expectSelectors(node, style),
    ...expectRuns(node, at, style),
    ...expectFiles(mesh, node).map(resolve),
    ...node.volumes.map((volume): Fact => {
      return { aspect: 'volume', key: volume.path, value: textValue(volume.name), at: at('volumes', volume.name) };
    }),
  ];
  return { name: node.name, facts: factMap(facts), at: node.at };
}

function asRead(part: FactPart, style: KubernetesStyle): FactPart {
  if (part.kind === 'variable') return { kind: 'text', text: style.variable(part) };
  return part;
}

const PORT_NAME = /^(?!.*--)(?=.*[a-z])[a-z0-9-]{1,15}$/;

/** A port of a pod is named after its endpoint, unless Kubernetes does not take such a name. */
function portName({ name, port, protocol }: Endpoint): string {
  if (PORT_NAME.test(name)) return name;
  return protocol === 'udp' ? `port-${port}-udp` : `port-${port}`;
}

/** Each endpoint is a port of the container, and of the Service under the same number; two that share one are one port. */
function expectPorts(node: MeshNode, serviceAt: Fact['at'], serviceName: string): Fact[] {
  const seen = new Set<string>();
  const own = node.endpoints.filter((endpoint) => {
    const isNew = !seen.has(portKey(endpoint));
    seen.add(portKey(endpoint));
    return isNew;
  });
  const ports = own.flatMap((endpoint): Fact[] => {
    const name = portName(endpoint);
    const key = portKey(endpoint);
    return [
      { aspect: 'port', key, value: textValue(name), at: endpoint.at },
      { aspect: 'service-port', key, value: textValue(`${name} → ${endpoint.port}`), at: endpoint.at },
    ];
  });
  if (ports.length === 0) return [];
  return [
    { aspect: 'service-type', key: 'name', value: textValue(serviceName), at: node.at },
    { aspect: 'service-type', key: 'type', value: textValue(node.kubernetes.service), at: serviceAt },
    ...ports,
  ];
}

function portKey({ port, protocol }: Endpoint): string {
  return `${port}/${protocol === 'udp' ? 'udp' : 'tcp'}`;
}

/** One second, which Kubernetes takes by itself, is less than a pause of a garbage collector on a busy machine. */
const TIMEOUT_SECONDS = 5;
/** Of Kubernetes itself. */
const FAILURES = 3;

function expectProbes(node: MeshNode, at: (...path: readonly string[]) => Fact['at']): Fact[] {
  const { health } = node;
  const probe = (key: 'ready' | 'live', check: Check | undefined, delayMs: number, everyMs: number): Fact[] => {
    const text = check === undefined ? undefined : kubeletProbe(node, check);
    if (text === undefined) return [];
    const timing = probeTiming({
      initialDelaySeconds: delayMs === 0 ? 0 : wholeSeconds(delayMs),
      periodSeconds: wholeSeconds(everyMs),
      timeoutSeconds: TIMEOUT_SECONDS,
      failureThreshold: FAILURES,
    });
    return [
      { aspect: 'probe', key, value: textValue(text), at: at('health', key) },
      { aspect: 'probe', key: `${key} timing`, value: textValue(timing), at: at('health', `${key}Every`) },
    ];
  };
  return [
    ...probe('ready', health.ready, health.readyDelayMs, health.readyEveryMs),
    ...probe('live', health.live, health.liveDelayMs, health.liveEveryMs),
    ...expectStartup(node, at),
  ];
}

/** Where liveness alone would end the container before it has had the time to become ready, it is asked to start first. */
function expectStartup({ health, ...node }: MeshNode, at: (...path: readonly string[]) => Fact['at']): Fact[] {
  const text = health.live === undefined ? undefined : kubeletProbe({ ...node, health }, health.live);
  if (text === undefined || health.withinMs <= health.liveDelayMs + FAILURES * health.liveEveryMs) return [];
  const periodSeconds = wholeSeconds(health.readyEveryMs);
  const failureThreshold = Math.ceil(health.withinMs / 1000 / periodSeconds);
  const timing = probeTiming({
    initialDelaySeconds: 0,
    periodSeconds,
    timeoutSeconds: TIMEOUT_SECONDS,
    failureThreshold,
  });
  return [
    { aspect: 'probe', key: 'startup', value: textValue(text), at: at('health', 'live') },
    { aspect: 'probe', key: 'startup timing', value: textValue(timing), at: at('health', 'within') },
  ];
}

/** The kubelet speaks HTTP and gRPC; of all else it sees whether a port is open, or runs a command. */
function kubeletProbe(node: MeshNode, check: Check): string | undefined {
  switch (check.kind) {
    case 'log':
    case 'completed':
    case 'running':
      return undefined;
    case 'exec':
      return readHealthcheck(['CMD', ...check.command]);
    case 'http': {
      const { port } = endpointOf(node, check.endpoint);
      // It takes 200 to 399 for success, and cannot be told otherwise.
      const fits = check.status === undefined || (check.status >= 200 && check.status <= 399);
      return fits ? http(port, check.path) : `tcp :${port}`;
    }
    case 'grpc':
      return `grpc :${endpointOf(node, check.endpoint).port} ${check.service}`.trimEnd();
    default:
      return `tcp :${endpointOf(node, check.endpoint).port}`;
  }
}

function wholeSeconds(ms: number): number {
  return Math.max(1, Math.ceil(ms / 1000));
}

function expectSelectors(node: MeshNode, style: KubernetesStyle): Fact[] {
  const value = textValue(labelText(style.selector(node)));
  return [
    // A Job selects its pods by a label that Kubernetes gives it.
    ...(node.job ? [] : [{ aspect: 'selector', key: '', value, at: node.at } as const]),
    ...(node.endpoints.length === 0
      ? []
      : [{ aspect: 'selector', key: 'of the Service', value, at: node.at } as const]),
  ];
}

function expectedSecurity(node: MeshNode): string {
  return securityText({
    pod: podSecurity(node),
    container: containerSecurity(node),
    automountServiceAccountToken: 'false',
    enableServiceLinks: 'false',
    shareProcessNamespace: isBuiltByMesh(node) ? 'true' : undefined,
  });
}

function expectRuns(node: MeshNode, at: (...path: readonly string[]) => Fact['at'], style: KubernetesStyle): Fact[] {
  const fact = (key: string, name: string, value: string | undefined): Fact[] =>
    value === undefined ? [] : [{ aspect: 'runs', key, value: textValue(value), at: at(name) }];
  const words = (list: readonly string[] | undefined) =>
    list === undefined || list.length === 0 ? undefined : JSON.stringify(list);
  const user = style.user(node);
  return [
    ...fact('kind', 'job', node.job ? 'Job' : node.volumes.length > 0 ? 'StatefulSet' : 'Deployment'),
    ...fact('seconds to stop', 'stopGrace', String(Math.ceil(node.stopGraceMs / 1000))),
    ...fact('entrypoint', 'entrypoint', words(node.entrypoint)),
    ...fact('command', 'command', words(node.command)),
    ...fact('user', 'user', user === undefined ? undefined : String(user)),
    ...fact('container', 'name', node.name),
    ...fact('security', 'build', expectedSecurity(node)),
  ];
}

/** The style of `mesh generate k8s`, which takes images as they are named. */
export function imageAsNamed(node: MeshNode): { readonly repository: string; readonly tag: string } {
  return splitImage(node.image);
}
