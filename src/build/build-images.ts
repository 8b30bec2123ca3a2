import type { ImageStore } from '../engine/docker/image-store.ts';
import type { Emit } from '../execute/emit.ts';
import type { BuildOutcome } from '../execute/run-context.ts';
import { type Mesh, nodeOf } from '../mesh/mesh.ts';
import type { Clock } from '../time/clock.ts';
import { type BakeDefinition, bakeDefinition, type TargetSettings } from './bake-definition.ts';
import { type BakeProgress, createBakeProgress } from './bake-progress.ts';
import { INPUTS_LABEL } from './build-inputs.ts';
import { type FoundSecrets, findBuildSecrets } from './build-secrets.ts';
import { describeFailedBuild } from './describe-failed-build.ts';
import { openFileDigests } from './file-digests.ts';
import { passedArguments } from './passed-arguments.ts';
import { type PlannedBuild, planBuilds } from './plan-builds.ts';
import { runBake } from './run-bake.ts';

/** What is the same for all builds of a command. */
export interface BuildMachine {
  readonly mesh: Mesh;
  readonly root: string;
  readonly env: NodeJS.ProcessEnv;
  readonly home: string;
  readonly clock: Clock;
  readonly emit: Emit;
  readonly signal: AbortSignal;
  /** The value of a secret of the mesh. */
  readonly secret: (name: string) => string;
}

/** How images are built, as the options of `mesh build` say. */
export interface BuildHow extends Pick<TargetSettings, 'platforms' | 'outputs' | 'attest'> {
  readonly cacheFrom: (node: string) => readonly string[];
  readonly cacheTo: (node: string) => readonly string[];
  /** Those of `bake` itself. */
  readonly flags: readonly string[];
  /** How many at once. */
  readonly jobs: number;
}

const AS_USUAL: BuildHow = {
  platforms: [],
  outputs: [],
  attest: [],
  cacheFrom: () => [],
  cacheTo: () => [],
  flags: [],
  jobs: Number.POSITIVE_INFINITY,
};

/** Of an image that is there, whatever becomes of the others. */
type Built = Extract<BuildOutcome, { ok: true }>;

export interface BuiltImages {
  readonly outcomes: ReadonlyMap<string, BuildOutcome>;
  /** What bake says of those that were built. */
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** Builds the images of nodes for a run on this machine, under the names that the manifest gives them. */
export async function buildImages(
  machine: BuildMachine,
  nodes: readonly string[],
  images: Pick<ImageStore, 'inspect'>,
): Promise<ReadonlyMap<string, BuildOutcome>> {
  const { mesh, root, clock } = machine;
  const digests = openFileDigests(root, clock);
  const names = (node: string) => [nodeOf(mesh, node).image];
  const planned = await planBuilds({ mesh, nodes, names, platforms: [], images, digests, always: 'asked for' });
  const secrets = await findBuildSecrets({ ...machine, nodes });
  return (await carryOutBuilds(machine, planned, { how: AS_USUAL, secrets })).outcomes;
}

/** The definition that bake gets for these builds. */
export function definitionFor(
  { mesh, env }: Pick<BuildMachine, 'mesh' | 'env'>,
  planned: readonly PlannedBuild[],
  { how, secrets }: { readonly how: BuildHow; readonly secrets: FoundSecrets },
): BakeDefinition {
  const byNode = new Map(planned.map((build) => [build.node, build]));
  const settings = (node: string): TargetSettings => {
    const { build } = nodeOf(mesh, node);
    const hash = byNode.get(node)?.hash;
    return {
      ...how,
      tags: byNode.get(node)?.names ?? [],
      labels: hash === undefined ? {} : { [INPUTS_LABEL]: hash },
      args: build === undefined ? {} : passedArguments(build.kind, env),
      secrets: build === undefined ? [] : secrets.of(build),
      cacheFrom: how.cacheFrom(node),
      cacheTo: how.cacheTo(node),
    };
  };
  return bakeDefinition(
    mesh,
    planned.map(({ node }) => node),
    settings,
  );
}

/**
 * Builds images with `docker buildx bake`, as many in one call as may be built at once: steps that several share then
 * run once. Bake stops all targets of a call when one fails, so what was only stopped is built in another call, in
 * which every finished step comes from the cache.
 */
export async function carryOutBuilds(
  machine: BuildMachine,
  planned: readonly PlannedBuild[],
  { how, secrets }: { readonly how: BuildHow; readonly secrets: FoundSecrets },
): Promise<BuiltImages> {
  const outcomes = new Map<string, BuildOutcome>();
  const built = new Map<string, Built>();
  let metadata: Readonly<Record<string, unknown>> = {};
  for (const wave of waves(planned, how.jobs)) {
    for (let left = wave; left.length > 0; left = left.filter(({ node }) => !outcomes.has(node))) {
      const call = await bakeOnce(machine, left, how, { secrets, built });
      metadata = { ...metadata, ...call.metadata };
      for (const [node, outcome] of call.outcomes) outcomes.set(node, outcome);
    }
  }
  return { outcomes, metadata };
}

function waves(planned: readonly PlannedBuild[], jobs: number): PlannedBuild[][] {
  const size = Math.max(1, Math.min(jobs, planned.length));
  return Array.from({ length: Math.ceil(planned.length / size) }, (_, index) =>
    planned.slice(index * size, (index + 1) * size),
  );
}

/** One call of bake. What it has no outcome for was stopped because of another one. */
async function bakeOnce(
  machine: BuildMachine,
  planned: readonly PlannedBuild[],
  how: BuildHow,
  { secrets, built }: { readonly secrets: FoundSecrets; readonly built: Map<string, Built> },
): Promise<BuiltImages> {
  const { mesh, root, clock, signal } = machine;
  const nodes = planned.map(({ node }) => node);
  const progress = createBakeProgress(nodes.length);
  const beganMs = clock.now();
  const { exitCode, metadata } = await runBake({
    definition: definitionFor(machine, planned, { how, secrets }),
    secretFiles: secrets.files,
    flags: how.flags,
    root,
    env: { ...machine.env, ...secrets.env },
    signal,
    onLine: createTeller({ machine, nodes, progress, built, beganMs }),
  });
  if (exitCode === 0) {
    const outcomes = nodes.map((node): [string, BuildOutcome] => {
      const told = built.get(node);
      if (told !== undefined) return [node, told];
      const tookMs = Math.round(clock.now() - beganMs);
      return [node, { ok: true, tookMs, cached: progress.cached(nodes.length === 1 ? '' : node) }];
    });
    return { outcomes: new Map(outcomes), metadata };
  }
  // What was built meanwhile goes along in the next call, which costs it nothing and gives its metadata.
  return { outcomes: new Map(failedOf(mesh, nodes, progress)), metadata };
}

/** Those that failed by themselves; all of them when it cannot be told which did. */
function failedOf(mesh: Mesh, nodes: readonly string[], progress: BakeProgress): [string, BuildOutcome][] {
  const steps = progress.failures();
  const failed = nodes.flatMap((node): [string, BuildOutcome][] => {
    const step = steps.find(({ targets }) => (nodes.length === 1 ? true : targets.includes(node)));
    return step === undefined ? [] : [[node, describeFailedBuild(mesh, node, step, progress)]];
  });
  if (failed.length > 0) return failed;
  const named = progress.words().flatMap((word) => /^ERROR: target (\S+):/.exec(word)?.[1] ?? []);
  const blamed = nodes.filter((node) => named.includes(node));
  return (blamed.length > 0 ? blamed : nodes).map((node) => [
    node,
    describeFailedBuild(mesh, node, undefined, progress),
  ]);
}

interface Teller {
  readonly machine: BuildMachine;
  readonly nodes: readonly string[];
  readonly progress: BakeProgress;
  readonly built: Map<string, Built>;
  readonly beganMs: number;
}

/** Turns the lines of the progress into events, each about the service that it is about. */
function createTeller({ machine, nodes, progress, built, beganMs }: Teller): (line: string) => void {
  const { clock, emit } = machine;
  const nodeNamed = (target: string) => (nodes.length === 1 ? nodes[0] : nodes.find((node) => node === target));
  return (line) => {
    const { step, exported } = progress.push(line);
    const at = step === undefined ? undefined : nodeNamed(step.target);
    if (step !== undefined && at !== undefined && !built.has(at)) {
      const { stage, position, text } = step;
      emit({ type: 'node:building', node: at, step: text, position, ...(stage === '' ? {} : { stage }) });
    }
    const done = exported === undefined ? undefined : nodeNamed(exported);
    if (done === undefined || built.has(done)) return;
    const tookMs = Math.round(clock.now() - beganMs);
    const cached = progress.cached(nodes.length === 1 ? '' : done);
    built.set(done, { ok: true, tookMs, cached, told: true });
    emit({ type: 'node:built', node: done, tookMs, cached });
  };
}
