import { type Diagnostic, hasErrors, type Outcome, sortDiagnostics } from '../diagnostics/diagnostic.ts';
import type { Location, Source } from '../diagnostics/location.ts';
import { didYouMean } from '../diagnostics/suggest.ts';
import type { Decoded } from '../manifest/decode.ts';
import type { ManifestNode } from '../manifest/schema.ts';
import { entryAt, type Path, placeOf, placesOf, type Tree, treeAt } from '../manifest/tree.ts';
import { checkModel } from './check-model.ts';
import { type PortRemaps, portKey } from './host-ports.ts';
import { type Entry, entriesOf } from './manifest-entries.ts';
import type { Call, Endpoint, Health, HostPort, Mesh, MeshInstance, MeshNode, Need, NodeKind, Secret } from './mesh.ts';
import { planPorts, protocolOf } from './plan-ports.ts';
import { refuseReferences } from './refuse-references.ts';
import { clientOf, resolveBuild, resolveRun } from './resolve-build.ts';
import { defaultCheck, resolveCheck } from './resolve-check.ts';
import { resolveKubernetes } from './resolve-kubernetes.ts';
import { createReferenceResolver } from './resolve-references.ts';
import type { Value } from './value.ts';

export interface ResolveInput extends Decoded {
  readonly sources: ReadonlyMap<string, Source>;
  /** Absolute path of the manifest's folder. */
  readonly root: string;
  /** The Compose project; the name of the mesh when not given. */
  readonly project?: string | undefined;
  /** Which of several copies on this machine it is; the main one when not given. */
  readonly instance?: MeshInstance | undefined;
  /** What `--remap-ports` decided on this machine. */
  readonly remaps?: PortRemaps | undefined;
}

/**
 * Manifest → mesh. Every name is looked up, every default is made explicit, and all problems are returned, those of the
 * other environments too.
 */
export function resolveMesh(input: ResolveInput): Outcome<Mesh> {
  const { mesh, diagnostics } = resolveEnvironment(input);
  const others = input.others.flatMap(
    (other) => resolveEnvironment({ ...other, root: input.root, sources: input.sources }).diagnostics,
  );
  const sorted = sortDiagnostics([...diagnostics, ...others]);
  return hasErrors(sorted) ? { diagnostics: sorted } : { value: mesh, diagnostics: sorted };
}

function resolveEnvironment(input: Omit<ResolveInput, 'others'>): {
  readonly mesh: Mesh;
  readonly diagnostics: readonly Diagnostic[];
} {
  const { manifest, tree, environment } = input;
  const diagnostics: Diagnostic[] = [];
  const report = (diagnostic: Diagnostic) => diagnostics.push(diagnostic);
  const value = createReferenceResolver({ manifest, environment, sources: input.sources }, report);
  const names = Object.keys({ ...manifest.infrastructure, ...manifest.services });
  const project = input.project ?? manifest.name;
  // Two checkouts are two states of the sources: what one of them builds must not become the image of the other.
  const imagePrefix = input.instance === undefined ? manifest.name : project;
  const scope: Scope = { tree, report, value, imagePrefix, names };
  const planned = planPorts(input);
  diagnostics.push(...planned.diagnostics);
  const nodes = [...entriesOf(input, 'infrastructure'), ...entriesOf(input, 'services')].map((entry) =>
    resolveNode(entry, scope, planned.ports),
  );
  const mesh: Mesh = {
    name: manifest.name,
    project,
    instance: input.instance,
    version: manifest.version ?? '0.0.0',
    environment,
    root: input.root.replaceAll('\\', '/'),
    nodes,
    secrets: resolveSecrets(input),
    places: placesOf(tree),
  };
  diagnostics.push(...checkModel(mesh));
  return { mesh, diagnostics };
}

interface Scope {
  readonly tree: Tree;
  readonly report: (diagnostic: Diagnostic) => void;
  readonly value: (text: string, at: Location, self: string) => Value;
  /** Of the names of images that are built. */
  readonly imagePrefix: string;
  readonly names: readonly string[];
}

function resolveNode(entry: Entry, scope: Scope, ports: ReadonlyMap<string, HostPort>): MeshNode {
  const { section, name, node } = entry;
  const kind: NodeKind = section === 'services' ? 'service' : 'infrastructure';
  const at = entryAt(scope.tree, [section, name])?.keyAt ?? placeOf(scope.tree, [section, name]);
  const build = node.build === undefined ? undefined : resolveBuild(node.build);
  if (node.image === undefined && build === undefined) {
    const message = `${section}.${name}: needs \`image\` or \`build\``;
    scope.report({ code: 'MESH1103', severity: 'error', message, location: at });
  }
  for (const problem of refuseReferences(node, (...path) => placeOf(scope.tree, [section, name, ...path])))
    scope.report(problem);
  const endpoints = resolveEndpoints(entry, scope, ports);
  return {
    name,
    kind,
    tier: node.tier ?? (kind === 'service' ? 'services' : 'infrastructure'),
    image: node.image ?? `${scope.imagePrefix}-${name}`,
    build,
    entrypoint: node.entrypoint,
    command: node.command,
    run: resolveRun(node.run, build, (variable, text) => {
      const place = placeOf(scope.tree, [section, name, 'run', 'env', variable]);
      return { name: variable, value: scope.value(text, place, name), at: place };
    }),
    user: node.user,
    endpoints,
    needs: resolveNeeds(entry, scope),
    canRunWithout: node.without ?? [],
    calls: resolveCalls(entry, scope),
    ...resolveTexts(entry, scope),
    volumes: Object.entries(node.volumes ?? {}).map(([volume, target]) => ({ name: volume, path: target })),
    health: resolveHealth(entry, endpoints, scope),
    resources: { requests: node.resources?.requests ?? {}, limits: node.resources?.limits ?? {} },
    ...resolveLifecycle(node),
    profiles: node.profiles ?? [],
    values: node.values ?? {},
    kubernetes: resolveKubernetes(node, endpoints, {
      ...{ name, report: scope.report },
      at: placeOf(scope.tree, [section, name, 'kubernetes', 'ingress']),
    }),
    metrics: resolveMetrics(entry, endpoints, scope),
    at,
  };
}

function resolveEndpoints(entry: Entry, scope: Scope, ports: ReadonlyMap<string, HostPort>): Endpoint[] {
  return Object.entries(entry.node.endpoints ?? {}).map(([name, endpoint]) => {
    const path = [entry.section, entry.name, 'endpoints', name];
    return {
      name,
      protocol: endpoint.protocol ?? protocolOf(name),
      port: endpoint.port,
      host: ports.get(portKey(entry.name, name)) ?? { kind: 'none' },
      at: entryAt(scope.tree, path)?.keyAt ?? placeOf(scope.tree, path),
    };
  });
}

function resolveNeeds({ section, name, node }: Entry, scope: Scope): Need[] {
  return Object.entries(node.needs ?? {}).map(([target, condition]) => ({
    node: target,
    condition: condition ?? 'ready',
    at: needPlace(scope.tree, [section, name, 'needs'], target),
  }));
}

function resolveCalls({ section, name, node }: Entry, scope: Scope): Call[] {
  return (node.calls ?? []).flatMap((text) => {
    const [target = '', endpoint] = text.split('.');
    const at = needPlace(scope.tree, [section, name, 'calls'], text);
    // A base names all that it has; who extends it may have removed some of that.
    const isRemoved = at.file !== scope.tree.at.file && !isNode(scope.tree, target);
    return isRemoved ? [] : [{ node: target, endpoint, at }];
  });
}

function isNode(tree: Tree, name: string): boolean {
  return ['services', 'infrastructure'].some((section) => entryAt(tree, [section, name]) !== undefined);
}

/** What may hold references. */
function resolveTexts({ section, name, node }: Entry, scope: Scope): Pick<MeshNode, 'env' | 'files'> {
  const at = (...path: string[]) => placeOf(scope.tree, [section, name, ...path]);
  return {
    env: Object.entries(node.env ?? {}).map(([variable, text]) => {
      const place = at('env', variable);
      return { name: variable, value: scope.value(text, place, name), at: place };
    }),
    files: Object.entries(node.files ?? {}).map(([target, file]) => {
      const place = at('files', target);
      const textPlace = treeAt(scope.tree, [section, name, 'files', target, 'content'])?.at ?? place;
      return { path: target, content: scope.value('content' in file ? file.content : '', textPlace, name), at: place };
    }),
  };
}

/** Compose's own default. */
const STOP_GRACE_MS = 10_000;

function resolveLifecycle(node: ManifestNode): Pick<MeshNode, 'replicas' | 'restart' | 'job' | 'stopGraceMs'> {
  return {
    replicas: node.replicas ?? 1,
    restart: node.restart ?? (node.job === true ? 'no' : 'unless-stopped'),
    job: node.job ?? false,
    stopGraceMs: node.stopGrace ?? STOP_GRACE_MS,
  };
}

/** The item of a list, or the key of a map. */
function needPlace(tree: Tree, path: Path, target: string): Location {
  const needs = entryAt(tree, path)?.tree;
  if (needs?.kind === 'sequence') {
    const item = needs.items.find((candidate) => candidate.kind === 'scalar' && candidate.value === target);
    if (item !== undefined) return item.at;
  }
  return entryAt(tree, [...path, target])?.keyAt ?? placeOf(tree, path);
}

function resolveHealth(entry: Entry, endpoints: readonly Endpoint[], scope: Scope): Health {
  const { section, name, node } = entry;
  const health = node.health ?? {};
  const scopeOf = (key: 'ready' | 'live') => {
    const at = (inner?: string) => {
      const path = [section, name, 'health', key];
      return (inner === undefined ? undefined : treeAt(scope.tree, [...path, inner])?.at) ?? placeOf(scope.tree, path);
    };
    const value = (text: string, inner: string) => scope.value(text, at(inner), name);
    return { node: name, endpoints, at, report: scope.report, value };
  };
  return {
    ready: health.ready === undefined ? defaultCheck(node, endpoints) : resolveCheck(health.ready, scopeOf('ready')),
    live: health.live === undefined ? undefined : resolveCheck(health.live, scopeOf('live')),
    withinMs: health.within ?? 60_000,
    readyDelayMs: health.readyDelay ?? 0,
    readyEveryMs: health.readyEvery ?? 5000,
    liveDelayMs: health.liveDelay ?? 0,
    liveEveryMs: health.liveEvery ?? 10_000,
    client: health.client ?? clientOf(node.build),
    container: health.container,
  };
}

function resolveMetrics(
  { section, name, node }: Entry,
  endpoints: readonly Endpoint[],
  scope: Scope,
): MeshNode['metrics'] {
  if (node.metrics === undefined) return undefined;
  const asked = 'endpoint' in node.metrics ? node.metrics.endpoint : undefined;
  const endpoint = endpoints.find(({ name: own, protocol }) =>
    asked === undefined ? protocol === 'http' : own === asked,
  );
  if (endpoint !== undefined) return { endpoint: endpoint.name, path: node.metrics.path };
  const names = endpoints.map((candidate) => candidate.name);
  const path = [section, name, 'metrics'];
  scope.report({
    code: 'MESH1207',
    severity: 'error',
    message: `${name} has no ${asked === undefined ? 'http endpoint' : `endpoint "${asked}"`} to serve metrics on`,
    location: treeAt(scope.tree, [...path, 'endpoint'])?.at ?? placeOf(scope.tree, path),
    hint:
      asked === undefined
        ? 'declare one, or name the endpoint: `metrics: { path: /metrics, endpoint: … }`'
        : (didYouMean(asked, names) ?? `it has: ${names.join(', ')}`),
  });
  return undefined;
}

function resolveSecrets(input: Pick<Decoded, 'manifest' | 'tree'>): Secret[] {
  return Object.entries(input.manifest.secrets ?? {}).map(([name, secret]) => ({
    name,
    variable: secret.variable ?? `MESH_SECRET_${name.replaceAll('-', '_').toUpperCase()}`,
    minLength: secret.minLength ?? 0,
    fallback: secret.default,
    at: entryAt(input.tree, ['secrets', name])?.keyAt ?? input.tree.at,
  }));
}
