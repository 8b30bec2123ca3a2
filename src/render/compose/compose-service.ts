import type { Mesh, MeshNode, RestartPolicy } from '../../mesh/mesh.ts';
import { calledOnHost, HOST_ALIAS } from '../../mesh/placement.ts';
import { formatDuration } from '../../time/duration.ts';
import { isBuiltByMesh, needsLowPorts, UNPRIVILEGED_PORTS } from '../built-by-mesh.ts';
import { dropUndefined } from '../drop-undefined.ts';
import { type ComposeResources, composeResources } from './amounts.ts';
import { type ComposeBuild, composeBuild } from './compose-build.ts';
import { composeText, composeValue } from './compose-value.ts';
import { type ComposeConfigMount, composeConfigMounts } from './config-files.ts';
import { type ComposeDependency, composeDependencies, dependencyNotes } from './dependencies.ts';
import { type ComposeHealthcheck, composeHealthcheck, healthcheckNotes } from './healthcheck.ts';
import type { Note } from '../note.ts';
import { composePorts } from './ports.ts';

/** One service of the compose file as plain data: no comments, no anchors. */
export interface ComposeService extends ComposeReplica {
  readonly image: string;
  readonly pull_policy?: 'never';
  readonly build?: ComposeBuild;
  readonly init?: true;
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  readonly user?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly depends_on?: Readonly<Record<string, ComposeDependency>>;
  readonly configs?: readonly ComposeConfigMount[];
  readonly volumes?: readonly string[];
  readonly healthcheck?: ComposeHealthcheck;
  readonly deploy?: { readonly resources: ComposeResources };
  readonly extra_hosts?: readonly string[];
  readonly sysctls?: Readonly<Record<string, number>>;
  readonly restart?: RestartPolicy;
  readonly stop_grace_period?: string;
  readonly profiles?: readonly string[];
}

/** What differs between the replicas of a node. */
export interface ComposeReplica {
  readonly ports?: readonly string[];
  readonly networks?: { readonly default: { readonly aliases: readonly string[] } };
  readonly labels: Readonly<Record<string, string>>;
}

// What Compose does by itself; saying so in every service would hide what matters.
const COMPOSE_STOP_GRACE_MS = 10_000;

/** The service that a node becomes: its first replica, where it has several. */
export function renderComposeService(mesh: Mesh, node: MeshNode): ComposeService {
  const resources = composeResources(node.resources);
  const { ports, labels } = renderComposeReplica(node, 1);
  return dropUndefined<ComposeService>({
    image: composeText(node.image),
    build: composeBuild(mesh, node),
    pull_policy: node.build && 'never',
    init: isBuiltByMesh(node) ? true : undefined,
    entrypoint: node.entrypoint?.map(composeText),
    command: node.command?.map(composeText),
    user: node.user === undefined ? undefined : composeText(node.user),
    environment: unlessEmpty(Object.fromEntries(node.env.map(({ name, value }) => [name, composeValue(mesh, value)]))),
    ports,
    depends_on: unlessEmpty(composeDependencies(mesh, node)),
    configs: unlessEmpty(composeConfigMounts(node)),
    volumes: unlessEmpty(node.volumes.map((volume) => composeText(`${volume.name}:${volume.path}`))),
    healthcheck: composeHealthcheck(mesh, node),
    deploy: resources && { resources },
    extra_hosts: unlessEmpty(hostAliases(mesh, node)),
    sysctls: needsLowPorts(node) ? { [UNPRIVILEGED_PORTS]: 0 } : undefined,
    restart: node.restart === 'no' ? undefined : node.restart,
    stop_grace_period: node.stopGraceMs === COMPOSE_STOP_GRACE_MS ? undefined : formatDuration(node.stopGraceMs),
    profiles: unlessEmpty(node.profiles),
    networks: undefined,
    labels,
  });
}

/** Where somebody listens for containers at an address of this machine, it is that one, whatever the engine's own is. */
function hostAliases(mesh: Mesh, node: MeshNode): string[] {
  const addresses = calledOnHost(mesh, node).map(({ address }) => (address === HOST_ALIAS ? 'host-gateway' : address));
  return [...new Set(addresses)].map((address) => `${HOST_ALIAS}:${address}`);
}

/** What a replica has of its own. All but the first answer to the node's name too, which their own name is not. */
export function renderComposeReplica(node: MeshNode, replica: number): ComposeReplica {
  return dropUndefined<ComposeReplica>({
    ports: unlessEmpty(composePorts(node, replica)),
    networks: replica === 1 ? undefined : { default: { aliases: [node.name] } },
    labels: { 'dev.mesh.node': node.name, 'dev.mesh.replica': String(replica) },
  });
}

/** What a reader may wonder about in what the replicas have in common. */
export function serviceNotes(mesh: Mesh, node: MeshNode): Note[] {
  const lowPorts: Note = {
    path: ['sysctls'],
    place: 'above',
    text: 'the image does not run as root, and yet listens on a port below 1024',
  };
  return [...dependencyNotes(mesh, node), ...healthcheckNotes(node), ...(needsLowPorts(node) ? [lowPorts] : [])];
}

function unlessEmpty<Collection extends object>(collection: Collection): Collection | undefined {
  return Object.keys(collection).length === 0 ? undefined : collection;
}
