import type { BuildHow } from '../build/build-images.ts';
import { type BuilderFacts, type BuildWishes, jobsFor, refuseUnable } from '../build/engine-fit.ts';
import { checkTemplates, imageNames, renderCache, renderTag, type TemplateValues } from '../build/tag-templates.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { InvalidInput } from '../diagnostics/mesh-error.ts';
import type { EngineAbilities } from '../engine/docker/image-store.ts';
import { type Mesh, nodeOf } from '../mesh/mesh.ts';
import { branchName, type Git, shortSha } from '../workspace/git.ts';
import { once } from './once.ts';
import type { MeshOptions } from './project.ts';

export interface BuildCommandOptions extends MeshOptions {
  readonly services: readonly string[];
  readonly profile: readonly string[];
  readonly cache: boolean;
  readonly pull?: boolean;
  readonly push?: boolean;
  readonly load?: boolean;
  readonly registry?: string;
  readonly tag: readonly string[];
  readonly platform: readonly string[];
  readonly cacheFrom: readonly string[];
  readonly cacheTo: readonly string[];
  readonly sbom?: boolean;
  /** `true` without a mode. */
  readonly provenance?: string | true;
  readonly affected?: boolean;
  readonly since?: string;
  readonly jobs?: number;
  readonly metadata?: string;
  readonly print?: boolean;
  readonly dryRun?: boolean;
  readonly verify?: boolean;
  readonly output?: 'plain' | 'json' | 'github';
  readonly json?: boolean;
}

/** What decides which images are due. */
export interface BuildRequest {
  readonly names: (node: string) => readonly string[];
  readonly platforms: readonly string[];
  /** As bake takes them, such as `type=sbom`. */
  readonly attest: readonly string[];
  /** Why every image is built, whatever there is. */
  readonly always: string | undefined;
  /** What templates refer to. */
  readonly values: TemplateValues;
}

/** Everything about tags and caches that can be refused without looking at the engine. */
export function checkBuildOptions(options: BuildCommandOptions, mesh: Mesh, nodes: readonly string[]): Diagnostic[] {
  const { tag, cacheFrom, cacheTo, push, registry } = options;
  const problem = (message: string, hint: string): Diagnostic => ({
    code: 'MESH1501',
    severity: 'error',
    message,
    hint,
  });
  const shared = nodes.length < 2 ? [] : cacheTo.filter((cache) => !/\{service\}|^type=(gha|inline)(,|$)/.test(cache));
  const homeless =
    push !== true || registry !== undefined ? [] : nodes.filter((name) => !nodeOf(mesh, name).image.includes('/'));
  return [
    ...checkTemplates(tag, ['version', 'sha', 'branch']),
    ...checkTemplates([...cacheFrom, ...cacheTo], ['service', 'version', 'sha', 'branch']),
    ...shared.map((cache) =>
      problem(
        `--cache-to ${cache}: each service would write over the cache of the others`,
        'use {service} in it, as in ref=HOST/cache/{service}',
      ),
    ),
    ...homeless.map((name) =>
      problem(
        `--push: the image ${nodeOf(mesh, name).image} of ${name} does not say where to`,
        'add --registry HOST/PATH, or give it an `image` with a registry in its name',
      ),
    ),
  ];
}

export interface RequestContext {
  readonly mesh: Mesh;
  readonly git: Git;
  readonly env: NodeJS.ProcessEnv;
}

/** @throws MeshError MESH2061 when a template needs git and there is none */
export function resolveBuildOptions(options: BuildCommandOptions, context: RequestContext): BuildRequest {
  const { mesh } = context;
  const values = templateValues(context);
  const tags = options.tag.map((template) => renderTag(template, values));
  const naming = { registry: options.registry, tags };
  const names = (node: string): readonly string[] => {
    const { image } = nodeOf(mesh, node);
    const asked = imageNames(image, naming);
    // All names of a build are pushed, and the one for this machine belongs to no registry.
    if (options.push === true) return asked.length === 0 ? [image] : asked;
    return [...new Set([image, ...asked])];
  };
  return {
    names,
    platforms: platformsOf(options),
    attest: attestations(options),
    always: alwaysBecause(options),
    values,
  };
}

function platformsOf({ platform }: BuildCommandOptions): string[] {
  return platform.flatMap((text) => text.split(',')).filter((text) => text !== '');
}

export interface Builder {
  readonly driver: string;
  readonly abilities: EngineAbilities;
}

/** @throws MeshError MESH2060 when the builder cannot do it */
export function resolveBuildHow(
  options: BuildCommandOptions,
  { values, platforms, attest }: BuildRequest,
  { driver, abilities }: Builder,
): BuildHow {
  const wishes: BuildWishes = {
    platforms,
    cacheTo: options.cacheTo,
    sbom: options.sbom === true,
    provenance: options.provenance === true ? '' : options.provenance,
    push: options.push === true,
    load: options.load === true,
  };
  const builder: BuilderFacts = { driver, store: abilities.store };
  refuseUnable(wishes, builder);
  return {
    platforms,
    outputs: outputsFor(wishes, builder),
    attest,
    cacheFrom: (node) => options.cacheFrom.map((template) => renderCache(template, node, values)),
    cacheTo: (node) => options.cacheTo.map((template) => renderCache(template, node, values)),
    flags: [...(options.cache ? [] : ['--no-cache']), ...(options.pull === true ? ['--pull'] : [])],
    jobs: options.jobs ?? jobsFor(abilities.memoryBytes),
  };
}

function templateValues({ mesh, git, env }: RequestContext): TemplateValues {
  return { version: mesh.version, sha: once(() => shortSha(git)), branch: once(() => branchName(git, env)) };
}

/** The builder in the engine keeps what it builds there; any other one keeps it to itself unless it is told otherwise. */
function outputsFor({ push, load, platforms }: BuildWishes, { driver }: BuilderFacts): string[] {
  if (driver === 'docker') return push ? ['type=registry'] : [];
  if (push) return load && platforms.length < 2 ? ['type=registry', 'type=docker'] : ['type=registry'];
  return ['type=docker'];
}

function attestations({ sbom, provenance }: BuildCommandOptions): string[] {
  const isPlain = provenance === true || provenance === 'true' || provenance === '';
  const mode = isPlain ? '' : `,mode=${provenance?.replace(/^mode=/, '')}`;
  return [
    ...(sbom === true ? ['type=sbom'] : []),
    ...(provenance === undefined
      ? []
      : [provenance === 'false' ? 'type=provenance,disabled=true' : `type=provenance${mode}`]),
  ];
}

/** A registry keeps what is attached to an image, and an image that was pushed has given its steps to the cache before. */
function alwaysBecause(options: BuildCommandOptions): string | undefined {
  if (!options.cache) return 'asked for with --no-cache';
  if (options.pull === true) return 'asked for with --pull';
  if (options.push === true) {
    if (options.load === true) return 'asked for with --load';
    return options.verify === true ? 'asked for with --verify' : undefined;
  }
  if (options.sbom === true) return 'asked for with --sbom';
  if (options.provenance !== undefined && options.provenance !== 'false') return 'asked for with --provenance';
  return options.cacheTo.length > 0 ? 'asked for with --cache-to' : undefined;
}

/** @throws InvalidInput when two options contradict each other */
export function refuseContradictions(options: BuildCommandOptions): void {
  const one = (message: string): InvalidInput =>
    new InvalidInput([{ code: 'MESH1501', severity: 'error', message, hint: 'leave one of them out' }]);
  if (options.json === true && options.output !== undefined && options.output !== 'json')
    throw one(`--json and --output ${options.output} contradict each other`);
  if (options.print === true && options.dryRun === true) throw one('--print and --dry-run contradict each other');
  if (options.verify === true && options.push === true && options.load !== true && options.platform.length > 0)
    throw one('--verify needs the images on this machine, and --push with --platform leaves none there');
}
