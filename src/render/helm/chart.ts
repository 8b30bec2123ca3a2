import { isDeepStrictEqual } from 'node:util';
import type { Endpoint, Mesh, MeshNode, NodeKind, Secret } from '../../mesh/mesh.ts';
import { secretsOf } from '../../mesh/value.ts';
import { camelCase, uniqueKeys } from './camel-case.ts';
import { CHART_KEYS } from './chart-keys.ts';
import { type Edge, edgesOf, partsOf, valuesOf } from './edges.ts';
import { addToSet } from './multimap.ts';

/** Two environments of one manifest: the values of a chart are those of `dev`, what `prod` has differently goes on top. */
export interface HelmMeshes {
  readonly dev: Mesh;
  /** Missing when the manifest has no such environment: production is then `dev` under the rules of production. */
  readonly prod?: Mesh | undefined;
}

/** What all templates are rendered from: both meshes, looked up by name, and the places of all values. */
export interface Chart {
  readonly name: string;
  readonly appVersion: string;
  readonly hasProd: boolean;
  readonly services: readonly ChartNode[];
  readonly infrastructure: readonly ChartNode[];
  /** Every node by its name. */
  readonly nodes: ReadonlyMap<string, ChartNode>;
  /** Edges of both environments. */
  readonly edges: readonly Edge[];
  readonly externals: ReadonlyMap<string, External>;
  readonly secrets: ReadonlyMap<string, ChartSecret>;
  /** Variables of the environment that settings refer to, with their fallback. */
  readonly variables: ReadonlyMap<string, string>;
}

/** A node of the mesh, in both environments. */
export interface ChartNode {
  readonly name: string;
  readonly kind: NodeKind;
  /** Its key among the values. */
  readonly key: string;
  /** What it is in the first environment that has it. */
  readonly node: MeshNode;
  readonly dev?: MeshNode | undefined;
  readonly prod?: MeshNode | undefined;
  /** Of both environments. */
  readonly endpoints: readonly Endpoint[];
}

/** An infrastructure node as services see it: a place outside of the chart, unless it is switched on inside. */
export interface External {
  readonly node: ChartNode;
  /** The endpoint that `port` or `address` is about. */
  readonly main: Endpoint;
  /** Other endpoints that are called. */
  readonly others: readonly Endpoint[];
  /** `address`: one text, host:port or a URL. `host`: a host, and a port for each endpoint. */
  readonly form: 'address' | 'host';
  /** Name of a value of the node → its key. */
  readonly values: ReadonlyMap<string, string>;
  /** Whether any service calls it; else it is there for what others add. */
  readonly isCalled: boolean;
}

/** A secret, and where the values have it. */
export interface ChartSecret {
  readonly name: string;
  /** The path among the values, with dots. */
  readonly path: readonly string[];
  /** The key in an ExternalSecret. */
  readonly key: string;
  readonly dev?: Secret | undefined;
  readonly prod?: Secret | undefined;
}

/** Everything that the templates ask for, found out once; linear in the size of the meshes. */
export function createChart({ dev, prod: own }: HelmMeshes): Chart {
  const prod = own ?? dev;
  const hasProd = own !== undefined;
  const nodes = chartNodes(dev, prod);
  const all = [...nodes.values()];
  const services = all.filter(({ kind }) => kind === 'service');
  const infrastructure = all.filter(({ kind }) => kind === 'infrastructure');
  const edges = mergeEdges([...edgesOf(dev.nodes), ...(hasProd ? edgesOf(prod.nodes) : [])]);
  const externals = findExternals({ services, infrastructure, edges });
  return {
    name: dev.name,
    appVersion: prod.version,
    hasProd,
    services,
    infrastructure,
    nodes,
    edges,
    externals,
    secrets: findSecrets(dev, prod, all, externals),
    variables: new Map(
      [...dev.nodes, ...prod.nodes].flatMap((node) =>
        partsOf(node).flatMap((part) => (part.kind === 'variable' ? [[part.name, part.fallback ?? ''] as const] : [])),
      ),
    ),
  };
}

/** Both versions of a node, without those that an environment lacks; one where they do not differ. */
export function versionsOf({ dev, prod }: ChartNode): MeshNode[] {
  if (dev === undefined) return prod === undefined ? [] : [prod];
  return prod === undefined || prod === dev ? [dev] : [dev, prod];
}

/** The node with the endpoints of both environments. */
export function wholeNode({ node, endpoints }: ChartNode): MeshNode {
  return { ...node, endpoints };
}

/** A node that is known to exist, since the resolver checked every reference. */
export function chartNode(chart: Chart, name: string): ChartNode {
  const found = chart.nodes.get(name);
  if (found === undefined) throw new Error(`the chart has no node ${name}`);
  return found;
}

function chartNodes(dev: Mesh, prod: Mesh): Map<string, ChartNode> {
  const devNodes = new Map(dev.nodes.map((node) => [node.name, node]));
  const prodNodes = new Map(prod.nodes.map((node) => [node.name, node]));
  const firsts = [...dev.nodes, ...prod.nodes.filter((node) => !devNodes.has(node.name))];
  const keysOf = (kind: NodeKind, taken: readonly string[]) =>
    uniqueKeys(
      firsts.filter((node) => node.kind === kind).map((node) => node.name),
      taken,
    );
  const keys = new Map([...keysOf('infrastructure', ['enabled']), ...keysOf('service', CHART_KEYS)]);
  return new Map(
    firsts.map((node) => {
      const both = bothVersions(devNodes.get(node.name), prodNodes.get(node.name));
      const endpoints = new Map(
        [both.prod, both.dev]
          .flatMap((version) => version?.endpoints ?? [])
          .map((endpoint) => [endpoint.name, endpoint]),
      );
      const inOrder = [...new Set([...node.endpoints.map(({ name }) => name), ...endpoints.keys()])];
      return [
        node.name,
        {
          ...both,
          name: node.name,
          kind: node.kind,
          key: keys.get(node.name) ?? camelCase(node.name),
          node,
          endpoints: inOrder.flatMap((name) => endpoints.get(name) ?? []),
        },
      ];
    }),
  );
}

/** The same object where nothing differs, so that nothing is rendered twice. */
function bothVersions(dev: MeshNode | undefined, prod: MeshNode | undefined): Pick<ChartNode, 'dev' | 'prod'> {
  return { dev, prod: isDeepStrictEqual(dev, prod) ? dev : prod };
}

function mergeEdges(edges: readonly Edge[]): Edge[] {
  const merged = new Map<string, Edge>();
  for (const edge of edges) {
    const key = `${edge.from} ${edge.to}`;
    const endpoints = [...new Set([...(merged.get(key)?.endpoints ?? []), ...edge.endpoints])];
    merged.set(key, { ...edge, endpoints });
  }
  return [...merged.values()];
}

// What programs keep data in or send messages through: a service may use it though no setting names it yet.
const FOR_PROGRAMS: ReadonlySet<string> = new Set(['postgres', 'redis', 'amqp']);

function findExternals(found: Pick<Chart, 'services' | 'infrastructure' | 'edges'>): Map<string, External> {
  const services = new Set(found.services.map(({ name }) => name));
  const called = new Map<string, Set<string>>();
  for (const { from, to, endpoints } of found.edges) {
    if (!services.has(from)) continue;
    addToSet(called, to, endpoints);
  }
  const origins = new Map<string, Set<string>>();
  for (const version of [...found.services, ...found.infrastructure].flatMap(versionsOf)) {
    for (const part of partsOf(version)) {
      if (part.kind !== 'text' || part.from === undefined) continue;
      addToSet(origins, part.from.node, [part.from.name]);
    }
  }
  return new Map(
    found.infrastructure.flatMap((node) => {
      const calls = called.get(node.name);
      const values = origins.get(node.name) ?? new Set<string>();
      const forPrograms = node.endpoints.filter(({ protocol }) => FOR_PROGRAMS.has(protocol));
      const wanted = calls === undefined ? forPrograms : node.endpoints.filter(({ name }) => calls.has(name));
      const main = wanted.find(({ protocol }) => protocol !== 'udp') ?? wanted[0];
      if (main === undefined) return [];
      const keys = uniqueKeys([...values], ['host', 'port', 'address', 'password', ...portKeys(node)]);
      const form = main.protocol === 'http' || main.protocol === 'h2c' ? 'address' : 'host';
      const others = wanted.filter((endpoint) => endpoint !== main);
      return [[node.name, { node, main, others, form, values: keys, isCalled: calls !== undefined }] as const];
    }),
  );
}

function portKeys(node: ChartNode): string[] {
  return node.endpoints.map(({ name }) => `${camelCase(name)}Port`);
}

function findSecrets(
  dev: Mesh,
  prod: Mesh,
  all: readonly ChartNode[],
  externals: ReadonlyMap<string, External>,
): Map<string, ChartSecret> {
  const declared = new Map([...dev.secrets, ...prod.secrets].map((secret) => [secret.name, secret]));
  const devSecrets = new Map(dev.secrets.map((secret) => [secret.name, secret]));
  const prodSecrets = new Map(prod.secrets.map((secret) => [secret.name, secret]));
  const used = new Set(all.flatMap(usedSecrets));
  const keys = uniqueKeys([...declared.keys()]);
  const paths = new Map<string, readonly string[]>();
  for (const { node, values } of externals.values()) {
    const own = [...new Set(usedSecrets(node))].filter((name) => !paths.has(name));
    const [only] = own;
    const named = uniqueKeys(own, ['host', 'port', 'address', ...values.values(), ...portKeys(node)]);
    for (const name of own) {
      const key = own.length === 1 && name === only ? 'password' : (named.get(name) ?? name);
      paths.set(name, ['externalServices', node.key, key]);
    }
  }
  return new Map(
    [...declared.keys()]
      .filter((name) => used.has(name))
      .map((name) => {
        const key = keys.get(name) ?? name;
        const path = paths.get(name) ?? ['secrets', key];
        return [name, { name, key, path, dev: devSecrets.get(name), prod: prodSecrets.get(name) }];
      }),
  );
}

/** The secrets that a node's settings and files hold, in either environment. */
export function usedSecrets(node: ChartNode): string[] {
  return versionsOf(node).flatMap((version) => valuesOf(version).flatMap(secretsOf));
}
