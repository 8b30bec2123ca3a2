import path from 'node:path/posix';
import { buildContext } from '../mesh/build.ts';
import { type Mesh, nodeOf } from '../mesh/mesh.ts';
import { dockerfilePath } from '../render/dockerfile/dockerfile-path.ts';
import type { BuildSecret } from './build-secrets.ts';

/** What is asked of one build beyond what the manifest says. */
export interface TargetSettings {
  /** All names that the image gets. */
  readonly tags: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  /** Build arguments of Dockerfiles that mesh writes. */
  readonly args: Readonly<Record<string, string>>;
  readonly secrets: readonly BuildSecret[];
  readonly platforms: readonly string[];
  readonly cacheFrom: readonly string[];
  readonly cacheTo: readonly string[];
  /** Where the image goes; what the builder does by itself when empty. */
  readonly outputs: readonly string[];
  /** Such as `type=sbom`. */
  readonly attest: readonly string[];
}

/** Source: https://docs.docker.com/build/bake/reference/ */
export interface BakeTarget {
  readonly context: string;
  readonly dockerfile: string;
  readonly tags: readonly string[];
  readonly target?: string;
  readonly args?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly secret?: readonly string[];
  readonly platforms?: readonly string[];
  readonly 'cache-from'?: readonly string[];
  readonly 'cache-to'?: readonly string[];
  readonly output?: readonly string[];
  readonly attest?: readonly string[];
}

export interface BakeDefinition {
  /** What `docker buildx bake` builds without a word. */
  readonly group?: { readonly default: { readonly targets: readonly string[] } };
  readonly target: Readonly<Record<string, BakeTarget>>;
}

/** What `docker buildx bake` gets: one target a node, so that steps which several services share run once. */
export function bakeDefinition(
  mesh: Mesh,
  nodes: readonly string[],
  settings: (node: string) => TargetSettings,
): BakeDefinition {
  const targets = nodes.map((name) => [name, bakeTarget(mesh, name, settings(name))] as const);
  // A service of that name is built without a word, too, and a group beside it would hide it.
  const group = nodes.includes('default') ? {} : { group: { default: { targets: nodes } } };
  return { ...group, target: Object.fromEntries(targets) };
}

function bakeTarget(mesh: Mesh, name: string, settings: TargetSettings): BakeTarget {
  const { build } = nodeOf(mesh, name);
  if (build === undefined) throw new Error(`${name} has nothing to build`);
  const own = build.kind === 'dockerfile' ? build : undefined;
  return {
    // Absolute, since bake runs on a definition outside the project.
    context: literal(path.join(mesh.root, buildContext(build))),
    dockerfile: literal(path.join(mesh.root, dockerfilePath(name, build))),
    tags: settings.tags.map(literal),
    ...(own?.target === undefined ? {} : { target: literal(own.target) }),
    ...argumentsOf(own?.args ?? settings.args),
    ...(Object.keys(settings.labels).length === 0 ? {} : { labels: literals(settings.labels) }),
    ...withoutEmptyLists({
      secret: settings.secrets.map(secretText),
      platforms: settings.platforms,
      'cache-from': settings.cacheFrom,
      'cache-to': settings.cacheTo,
      output: settings.outputs,
      attest: settings.attest,
    }),
  };
}

function argumentsOf(args: Readonly<Record<string, string>>): Pick<BakeTarget, 'args'> {
  return Object.keys(args).length === 0 ? {} : { args: literals(args) };
}

function withoutEmptyLists(lists: Readonly<Record<string, readonly string[]>>): Record<string, readonly string[]> {
  const filled = Object.entries(lists).filter(([, values]) => values.length > 0);
  return Object.fromEntries(filled.map(([key, values]) => [key, values.map(literal)]));
}

function literals(values: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, literal(value)]));
}

/** Bake reads `${…}` and `%{…}` in every text of a definition as an expression of its own. */
function literal(text: string): string {
  return text.replace(/[$%](?=\{)/g, '$&$&');
}

function secretText({ id, from }: BuildSecret): string {
  return from.kind === 'file' ? `type=file,id=${id},${field('src', from.path)}` : `type=env,id=${id},env=${from.name}`;
}

/** One field of a line of comma-separated values. */
function field(name: string, value: string): string {
  return /[",]/.test(value) ? `"${name}=${value.replaceAll('"', '""')}"` : `${name}=${value}`;
}

/** The paths outside the project that a definition makes bake read or write, as its `--allow` takes them. */
export function allowedPaths(definition: BakeDefinition, root: string, secretFiles: readonly string[]): string[] {
  const targets = Object.values(definition.target);
  const inDefinition = targets.flatMap((target) => [
    target.context,
    path.dirname(target.dockerfile),
    ...(target['cache-from'] ?? []).flatMap((text) => /^type=local,.*?src=([^,]*)/.exec(text)?.[1] ?? []),
  ]);
  const reads = [...inDefinition, ...secretFiles];
  const writes = targets.flatMap((target) =>
    (target['cache-to'] ?? []).flatMap((text) => /^type=local,.*?dest=([^,]*)/.exec(text)?.[1] ?? []),
  );
  const outside = (file: string) => path.relative(root, path.resolve(root, file)).startsWith('..');
  return [
    ...[...new Set(reads)].filter(outside).map((file) => `fs.read=${file}`),
    ...[...new Set(writes)].filter(outside).map((file) => `fs.write=${file}`),
  ];
}
