import { type Mesh, type MeshNode, nodeOf, replicaName } from '../../mesh/mesh.ts';
import { isBuiltByMesh, needsLowPorts, UNPRIVILEGED_PORTS } from '../../render/built-by-mesh.ts';
import { composeBuild } from '../../render/compose/compose-build.ts';
import { composeDependencies } from '../../render/compose/dependencies.ts';
import { composeHealthcheck } from '../../render/compose/healthcheck.ts';
import { formatDuration } from '../../time/duration.ts';
import { composeTiming } from '../compose/read-health-facts.ts';
import { readHealthcheck } from '../compose/read-healthcheck.ts';
import {
  type Fact,
  type FactPart,
  type FactValue,
  factMap,
  type ServiceFacts,
  type TargetFacts,
  textValue,
} from '../facts.ts';
import { splitImage } from '../image-name.ts';
import { expectFiles, expectResources, expectVariables, probeText } from './expect-common.ts';
import { placeIn } from './expect-value.ts';

/** What the compose file of a mesh has to say: a service for each replica of each node. */
export function expectCompose(mesh: Mesh): TargetFacts {
  const services = mesh.nodes.flatMap((node) =>
    Array.from({ length: node.replicas }, (_, index) => expectReplica(mesh, node, index + 1)),
  );
  return {
    target: 'manifest',
    services: new Map(services.map((service) => [service.name, service])),
    hosts: mesh.nodes.map((node) => ({ host: node.name, node: node.name })),
  };
}

function expectReplica(mesh: Mesh, node: MeshNode, replica: number): ServiceFacts {
  const fallbacks = (fact: Fact): Fact => ({ ...fact, value: withFallbacks(mesh, fact.value) });
  const facts: Fact[] = [
    ...expectImage(mesh, node),
    ...expectVariables(mesh, node).map(fallbacks),
    ...expectPorts(node, replica),
    ...expectProbe(mesh, node),
    ...expectResources(mesh, node),
    ...expectDependencies(mesh, node),
    { aspect: 'label', key: 'dev.mesh.node', value: textValue(node.name), at: node.at },
    { aspect: 'label', key: 'dev.mesh.replica', value: textValue(String(replica)), at: node.at },
    ...expectRuns(mesh, node, replica),
    ...expectFiles(mesh, node).map(fallbacks),
    ...node.volumes.map((volume): Fact => {
      const at = placeIn(mesh, node, 'volumes', volume.name);
      return { aspect: 'volume', key: volume.path, value: textValue(volume.name), at };
    }),
    // Each replica is a service of its own.
    { aspect: 'replicas', key: '', value: textValue('1'), at: placeIn(mesh, node, 'replicas') },
  ];
  return { name: replicaName(node.name, replica), facts: factMap(facts), at: node.at };
}

/** Compose writes what a secret is in development where that is no secret at all. */
function withFallbacks(mesh: Mesh, value: FactValue): FactValue {
  return value.map((part): FactPart => {
    const secret = part.kind === 'secret' ? mesh.secrets.find(({ name }) => name === part.name) : undefined;
    const fallback = part.kind === 'variable' ? part.fallback : secret?.fallback;
    if (part.kind !== 'secret' && part.kind !== 'variable') return part;
    // Compose has no escape for braces in a fallback, so there it asks for the variable.
    return { ...part, fallback: fallback === undefined || /[{}]/.test(fallback) ? undefined : fallback };
  });
}

function expectImage(mesh: Mesh, node: MeshNode): Fact[] {
  const { repository, tag } = splitImage(node.image);
  const at = placeIn(mesh, node, 'image');
  return [
    { aspect: 'image', key: 'repository', value: textValue(repository), at },
    { aspect: 'image', key: 'tag', value: textValue(tag), at },
  ];
}

/** Only published endpoints stand in a compose file; only the first replica can have fixed ports. */
function expectPorts(node: MeshNode, replica: number): Fact[] {
  return node.endpoints.flatMap((endpoint): Fact[] => {
    if (endpoint.host.kind === 'none') return [];
    const key = `${endpoint.port}/${endpoint.protocol === 'udp' ? 'udp' : 'tcp'}`;
    const port = endpoint.host.kind === 'fixed' && replica === 1 ? String(endpoint.host.port) : 'auto';
    return [
      { aspect: 'port', key, value: [], at: endpoint.at },
      { aspect: 'published', key, value: textValue(`127.0.0.1:${port}`), at: endpoint.at },
    ];
  });
}

function expectProbe(mesh: Mesh, node: MeshNode): Fact[] {
  const text = containerProbeText(mesh, node);
  const timing = composeHealthcheck(mesh, node);
  if (text === undefined || timing === undefined) return [];
  const at = placeIn(mesh, node, 'health', node.health.container === undefined ? 'ready' : 'container');
  const times: Readonly<Record<string, unknown>> = { ...timing };
  return [
    { aspect: 'probe', key: 'ready', value: textValue(text), at },
    {
      aspect: 'probe',
      key: 'ready timing',
      value: textValue(composeTiming((key) => String(times[key] ?? ''))),
      at: placeIn(mesh, node, 'health'),
    },
  ];
}

/** What can be asked inside of a container with what its image has. */
function containerProbeText(mesh: Mesh, node: MeshNode): string | undefined {
  const { ready, client, container } = node.health;
  if (container !== undefined && container.length > 0) {
    return readHealthcheck(/^CMD(-SHELL)?$/.test(container[0] ?? '') ? container : ['CMD', ...container]);
  }
  if (ready.kind === 'exec') return readHealthcheck(['CMD', ...ready.command]);
  const text = probeText(mesh, node, ready);
  if (ready.kind === 'postgres' || ready.kind === 'redis') return text;
  if (client === 'none' || text === undefined) return undefined;
  // No image has a gRPC client; only bash and node can speak a few words of AMQP.
  const onlyConnects = ready.kind === 'grpc' || (ready.kind === 'amqp' && (client === 'curl' || client === 'wget'));
  return onlyConnects ? text.replace(/^\w+ (:\d+).*$/, 'tcp $1') : text;
}

function expectDependencies(mesh: Mesh, node: MeshNode): Fact[] {
  const dependencies = composeDependencies(mesh, node);
  return node.needs.flatMap((need) => {
    const other = nodeOf(mesh, need.node);
    return Array.from({ length: other.replicas }, (_, index): Fact => {
      const key = replicaName(other.name, index + 1);
      const { condition, required } = dependencies[key] ?? { condition: '' };
      const value = textValue(`${condition}${required === false ? ' (optional)' : ''}`);
      return { aspect: 'dependency', key, value, at: need.at };
    });
  });
}

/** Compose's own, so it is not written. */
const STOP_GRACE_MS = 10_000;

function expectRuns(mesh: Mesh, node: MeshNode, replica: number): Fact[] {
  const build = composeBuild(mesh, node);
  const fact = (key: string, name: string, value: string | undefined): Fact[] =>
    value === undefined ? [] : [{ aspect: 'runs', key, value: textValue(value), at: placeIn(mesh, node, name) }];
  const words = (list: readonly string[] | undefined) =>
    list === undefined || list.length === 0 ? undefined : JSON.stringify(list);
  return [
    ...fact('entrypoint', 'entrypoint', words(node.entrypoint)),
    ...fact('command', 'command', words(node.command)),
    ...fact('profiles', 'profiles', words(node.profiles)),
    ...fact('user', 'user', node.user),
    ...fact('restart', 'restart', node.restart === 'no' ? undefined : node.restart),
    ...fact(
      'stop_grace_period',
      'stopGrace',
      node.stopGraceMs === STOP_GRACE_MS ? undefined : formatDuration(node.stopGraceMs),
    ),
    ...fact('init', 'build', isBuiltByMesh(node) ? 'true' : undefined),
    ...fact('pull_policy', 'build', node.build === undefined ? undefined : 'never'),
    // Only the first of several replicas is built.
    ...fact(
      'build',
      'build',
      build === undefined || replica > 1 ? undefined : `${build.dockerfile} in ${build.context}`,
    ),
    ...fact('sysctls', 'endpoints', needsLowPorts(node) ? `${UNPRIVILEGED_PORTS}=0` : undefined),
  ];
}
