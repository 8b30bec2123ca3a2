import type { Location } from '../diagnostics/location.ts';
import type { Build } from './build.ts';
import type { Value } from './value.ts';

export type NodeKind = 'infrastructure' | 'service';
export type Protocol = 'http' | 'h2c' | 'tcp' | 'udp' | 'postgres' | 'redis' | 'amqp';
/** `ready`: its readiness check succeeds. `started`: its process runs. `completed`: it exited with 0. */
export type NeedCondition = 'ready' | 'started' | 'completed';
export type RestartPolicy = 'no' | 'on-failure' | 'always' | 'unless-stopped';

/** The resolved model of one environment: everything that renderers, the planner and the engines know. */
export interface Mesh {
  /** The manifest's name. */
  readonly name: string;
  /** The Compose project: the name, with that of the instance where it is not the main one; or what `--project` says. */
  readonly project: string;
  /** Missing for the main one. */
  readonly instance?: MeshInstance | undefined;
  readonly version: string;
  readonly environment: string;
  /** Absolute path of the project's folder, with forward slashes. Only the way out of it and back needs it. */
  readonly root: string;
  /** Infrastructure first, then services, each in the order of the manifest. */
  readonly nodes: readonly MeshNode[];
  readonly secrets: readonly Secret[];
  /** `services.gateway.env.URLS` → where the manifest says it. */
  readonly places: Readonly<Record<string, Location>>;
}

/** One of several copies of a mesh on one machine, such as that of a git worktree. */
export interface MeshInstance {
  readonly name: string;
  /** What its host ports are above those of the manifest. */
  readonly offset: number;
}

export interface MeshNode {
  readonly name: string;
  readonly kind: NodeKind;
  /** The group that it is shown in, such as `core` or `business`; says nothing about order. */
  readonly tier: string;
  /** What is run; for a node with `build`, the name that the built image gets. */
  readonly image: string;
  readonly build?: Build | undefined;
  readonly entrypoint?: readonly string[] | undefined;
  readonly command?: readonly string[] | undefined;
  readonly run?: HostRun | undefined;
  readonly user?: string | undefined;
  readonly endpoints: readonly Endpoint[];
  readonly needs: readonly Need[];
  /** The needs that it can run without, where they cannot be had. */
  readonly canRunWithout: readonly string[];
  /** Whom it calls at addresses that no setting of it holds. Nothing waits for them. */
  readonly calls: readonly Call[];
  readonly env: readonly Setting[];
  readonly volumes: readonly Volume[];
  readonly files: readonly ConfigFile[];
  readonly health: Health;
  readonly resources: Resources;
  readonly replicas: number;
  readonly restart: RestartPolicy;
  /** Runs once; exit code 0 is its success. */
  readonly job: boolean;
  readonly stopGraceMs: number;
  /** Empty: always on. Otherwise on only when one of them is asked for, or the node is named. */
  readonly profiles: readonly string[];
  /** Facts that settings of others use, such as the name of a database. */
  readonly values: Readonly<Record<string, string>>;
  readonly kubernetes: KubernetesSettings;
  readonly metrics?: { readonly endpoint: string; readonly path: string } | undefined;
  /** Set while it runs as a process of this machine and the rest in containers. */
  readonly onHost?: OnHost | undefined;
  readonly at: Location;
}

export interface Call {
  readonly node: string;
  /** Any of its endpoints when missing. */
  readonly endpoint?: string | undefined;
  readonly at: Location;
}

export interface KubernetesSettings {
  /** The type of its Service. */
  readonly service: 'ClusterIP' | 'LoadBalancer' | 'NodePort';
  /** The endpoint that an Ingress leads to, where one is switched on. */
  readonly ingress?: string | undefined;
  /** Where pods find it when it is not in the cluster. */
  readonly external?: { readonly host: string; readonly port?: number | undefined } | undefined;
}

export interface OnHost {
  /** Of this machine, as both containers and processes reach it. */
  readonly address: string;
  /** Endpoint → the port where containers reach it on this machine. */
  readonly reachPorts: Readonly<Record<string, number>>;
}

export interface Endpoint {
  readonly name: string;
  readonly protocol: Protocol;
  /** The port inside the container. */
  readonly port: number;
  readonly host: HostPort;
  readonly at: Location;
}

/** Where an endpoint is published on this machine, and why there. */
export type HostPort =
  | { readonly kind: 'none' }
  /** The engine picks one when the container starts. */
  | { readonly kind: 'auto' }
  | {
      readonly kind: 'fixed';
      readonly port: number;
      /** The port that was asked for first, when another one was taken. */
      readonly insteadOf?: number | undefined;
      /** `5001 is auth-service's`, `instance feature-x: 5000 + 100`; empty when the port is simply what was asked for. */
      readonly because?: string | undefined;
      /** Whether it is so on this machine alone, where something held the port that was asked for. */
      readonly onlyHere?: boolean | undefined;
    };

export interface Need {
  readonly node: string;
  readonly condition: NeedCondition;
  readonly at: Location;
}

export interface Setting {
  readonly name: string;
  readonly value: Value;
  readonly at: Location;
}

export interface Volume {
  readonly name: string;
  /** The path inside the container. */
  readonly path: string;
}

/** A text file that mesh puts into the container before it starts. */
export interface ConfigFile {
  /** The path inside the container. */
  readonly path: string;
  readonly content: Value;
  readonly at: Location;
}

export interface Secret {
  readonly name: string;
  /** The variable that carries it in .mesh/secrets.env and in the environment. */
  readonly variable: string;
  /** In bytes of UTF-8. */
  readonly minLength: number;
  /** A value for development that is no secret at all, such as RabbitMQ's `guest`. */
  readonly fallback?: string | undefined;
  readonly at: Location;
}

export interface Health {
  readonly ready: Check;
  readonly live?: Check | undefined;
  /** How long `up` waits for `ready`, in milliseconds. */
  readonly withinMs: number;
  readonly readyDelayMs: number;
  readonly readyEveryMs: number;
  readonly liveDelayMs: number;
  readonly liveEveryMs: number;
  /** What the image has to make an HTTP or TCP request with; decides how the Compose health check is written. */
  readonly client: ProbeClient;
  /** The exact command of the Compose health check, where the derived one does not fit. */
  readonly container?: readonly string[] | undefined;
}

export type ProbeClient = 'bash' | 'curl' | 'node' | 'wget' | 'none';

/** What shows that a node is ready. Endpoints are named; all but `exec`, `log`, `completed`, `running` are asked from the host. */
export type Check =
  | { readonly kind: 'http'; readonly endpoint: string; readonly path: string; readonly status?: number | undefined }
  | { readonly kind: 'grpc'; readonly endpoint: string; readonly service: string }
  | {
      readonly kind: 'postgres';
      readonly endpoint: string;
      readonly user?: Value | undefined;
      readonly database?: Value | undefined;
    }
  | { readonly kind: 'redis'; readonly endpoint: string }
  | { readonly kind: 'amqp'; readonly endpoint: string }
  | { readonly kind: 'consul'; readonly endpoint: string }
  | { readonly kind: 'tcp'; readonly endpoint: string }
  | { readonly kind: 'exec'; readonly command: readonly string[] }
  | { readonly kind: 'log'; readonly pattern: string }
  | { readonly kind: 'completed' }
  | { readonly kind: 'running' };

export interface Resources {
  readonly requests: Amounts;
  readonly limits: Amounts;
}

/** In the notation of Kubernetes: cpu `100m` or `2`, memory `128Mi` or `1Gi`. */
export interface Amounts {
  readonly cpu?: string | undefined;
  readonly memory?: string | undefined;
}

/** How a node runs as a process of this machine, where mesh cannot know or is told better. */
export interface HostRun {
  /** That of its build when missing. */
  readonly command?: readonly string[] | undefined;
  /** In addition to its other settings, or in their place. */
  readonly env: readonly Setting[];
  /** Where it runs, relative to the project root, with forward slashes. */
  readonly folder: string;
}

/** The node of that name; a name that the mesh does not have is our bug, since the resolver checked them all. */
export function nodeOf(mesh: Mesh, name: string): MeshNode {
  const found = findNode(mesh, name);
  if (found === undefined) throw new Error(`the mesh has no node ${name}`);
  return found;
}

/** The node of that name, if there is one. */
export function findNode(mesh: Mesh, name: string): MeshNode | undefined {
  return nodesByName(mesh).get(name);
}

/** Indexed once for each mesh: every renderer asks for each need of each node. */
const indexes = new WeakMap<Mesh, ReadonlyMap<string, MeshNode>>();

function nodesByName(mesh: Mesh): ReadonlyMap<string, MeshNode> {
  const known = indexes.get(mesh);
  if (known !== undefined) return known;
  const index = new Map(mesh.nodes.map((node) => [node.name, node]));
  indexes.set(mesh, index);
  return index;
}

/** The endpoint of that name; see {@link nodeOf} for names that do not exist. */
export function endpointOf(node: MeshNode, name: string): Endpoint {
  const found = node.endpoints.find((endpoint) => endpoint.name === name);
  if (found === undefined) throw new Error(`${node.name} has no endpoint ${name}`);
  return found;
}

/** The name of one replica: the first has the node's own name, the others a number behind it. */
export function replicaName(node: string, replica: number): string {
  return replica === 1 ? node : `${node}-${replica}`;
}
