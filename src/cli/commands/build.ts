import path from 'node:path';
import { type BuildHow, type BuildMachine, carryOutBuilds, definitionFor } from '../../build/build-images.ts';
import { type FoundSecrets, findBuildSecrets } from '../../build/build-secrets.ts';
import { type BuilderInUse, findBuilder } from '../../build/builder-in-use.ts';
import { copiesSecrets, type PlannedBuild } from '../../build/plan-builds.ts';
import { writeMetadata } from '../../build/write-metadata.ts';
import { InvalidInput } from '../../diagnostics/mesh-error.ts';
import { type DockerHost, environmentFor, findDockerHost } from '../../engine/docker/docker-host.ts';
import { createImageStore, type ImageStore } from '../../engine/docker/image-store.ts';
import { createRegistryImages, type RegistryImages } from '../../engine/docker/registry-images.ts';
import { buildTogether, type FailedBuild } from '../../execute/build-together.ts';
import { createEmitter, type Emit } from '../../execute/emit.ts';
import type { MeshEvent } from '../../execute/event.ts';
import { createRedactor } from '../../logs/redact-secrets.ts';
import { nodeOf } from '../../mesh/mesh.ts';
import { type BuildRow, renderBuildTable } from '../../report/build-table.ts';
import type { VerifiedRow } from '../../report/verify-table.ts';
import { PROCESS_START_MS, systemClock } from '../../time/clock.ts';
import { openGit } from '../../workspace/git.ts';
import { readSecrets } from '../../workspace/secrets-file.ts';
import {
  type BuildCommandOptions,
  type BuildRequest,
  checkBuildOptions,
  refuseContradictions,
  resolveBuildHow,
  resolveBuildOptions,
} from '../build-options.ts';
import { secretValues } from '../build-secret-values.ts';
import { checkSources } from '../check-sources.ts';
import { type AffectedNodes, affectedNodes, nodesToBuild } from '../choose-builds.ts';
import { columnsOf, createDisplay, stylesFor } from '../display.ts';
import { generateFiles } from '../generate-artefacts.ts';
import type { Io } from '../io.ts';
import { once } from '../once.ts';
import { addNames, planBuildsAnywhere, planBuildsNow } from '../plan-builds-now.ts';
import { openProject, type Project } from '../project.ts';

/** Everything that the command found out before it builds. */
interface Prepared {
  readonly project: Project;
  readonly host: DockerHost;
  readonly machine: Omit<BuildMachine, 'emit'>;
  readonly images: ImageStore;
  /** Where images are pushed to; missing when they are not. */
  readonly registry: RegistryImages | undefined;
  readonly builder: () => Promise<BuilderInUse>;
  readonly request: BuildRequest;
  readonly planned: readonly PlannedBuild[];
  readonly affected: AffectedNodes | undefined;
}

/** What is asked of bake, and with what. */
interface Asked {
  readonly how: BuildHow;
  readonly secrets: FoundSecrets;
}

export async function build(options: BuildCommandOptions, io: Io): Promise<number> {
  refuseContradictions(options);
  const prepared = await prepare(options, io);
  if (options.dryRun === true) return printPlan(prepared, options, io);
  const { planned, project } = prepared;
  const due = options.print === true ? planned : planned.filter(({ upToDate }) => !upToDate);
  // What costs time is looked for only when something is built.
  const asked = due.length === 0 ? undefined : await askOf(prepared, due, options);
  if (options.print === true) return printDefinition(prepared, asked, io);
  const display = await createDisplay(io, {
    json: isJson(options),
    style: options.output === 'json' ? undefined : options.output,
    root: project.root,
  });
  const work = { due, asked, options, io };
  const { ok, verified } = await carryOut(prepared, work, display.onEvent).finally(() => display.finish());
  if (verified.length > 0 && !isJson(options)) {
    const { renderVerifyTable } = await import('../../report/verify-table.ts');
    io.stdout.write(renderVerifyTable(verified, { styles: stylesFor(io.stdout, io), columns: columnsOf(io.stdout) }));
  }
  return ok ? 0 : 1;
}

function isJson({ json, output }: BuildCommandOptions): boolean {
  return json === true || output === 'json';
}

async function prepare(options: BuildCommandOptions, io: Io): Promise<Prepared> {
  const project = await openProject(options, io);
  const { mesh, root } = project;
  const wanted = nodesToBuild(project, options);
  const problems = [...checkBuildOptions(options, mesh, wanted), ...checkSources(project, wanted)];
  if (problems.length > 0) throw new InvalidInput(problems, project.sources);
  await generateFiles(project, { targets: ['dockerfiles'] });
  const git = openGit(root, io.env);
  const { affected: onlyAffected, since } = options;
  const affected =
    onlyAffected === true || since !== undefined
      ? affectedNodes(project, wanted, git, { since, env: io.env })
      : undefined;
  const nodes = affected?.affected.map(({ node }) => node) ?? wanted;
  const host = findDockerHost({ env: io.env, home: io.home, uid: io.uid });
  const env = { ...io.env, ...environmentFor(host, io.env) };
  const machine = { mesh, root, env, home: io.home, clock: systemClock, signal: io.signal };
  const places = {
    images: createImageStore(host),
    registry: options.push === true ? createRegistryImages(env, io.signal) : undefined,
    builder: once(() => findBuilder(env, io.signal)),
  };
  const request = resolveBuildOptions(options, { mesh, git, env: io.env });
  const parts = { ...places, mesh, root, request, nodes };
  const found = await (options.dryRun === true ? planBuildsAnywhere(parts) : planBuildsNow(parts));
  const isOnlyShown = options.print === true || options.dryRun === true;
  const planned = isOnlyShown ? found : await addNames(found, places.registry);
  const secret = secretValues(project, isOnlyShown ? [] : planned, readSecrets(root, mesh, io.env).values);
  return { ...places, project, host, machine: { ...machine, secret }, request, planned, affected };
}

async function askOf(
  { machine, request, images, builder }: Prepared,
  due: readonly PlannedBuild[],
  options: BuildCommandOptions,
): Promise<Asked> {
  const [{ driver }, abilities, secrets] = await Promise.all([
    builder(),
    images.abilities(),
    findBuildSecrets({ ...machine, nodes: due.map(({ node }) => node) }),
  ]);
  return { how: resolveBuildHow(options, request, { driver, abilities }), secrets };
}

function printDefinition({ machine, planned }: Prepared, asked: Asked | undefined, io: Io): number {
  const definition = asked === undefined ? { target: {} } : definitionFor(machine, planned, asked);
  io.stdout.write(`${JSON.stringify(definition, null, 2)}\n`);
  return 0;
}

function printPlan({ planned, affected }: Prepared, options: BuildCommandOptions, io: Io): number {
  const rows = planned.map(({ node, names, hash, upToDate, because }): BuildRow => {
    const cause = affected?.affected.find((one) => one.node === node)?.because;
    return { node, build: !upToDate, because, images: names, inputs: hash, affectedBecause: cause };
  });
  const since = affected?.since;
  const styles = stylesFor(io.stdout, io);
  if (isJson(options)) io.stdout.write(`${JSON.stringify({ v: 1, since, builds: rows })}\n`);
  else io.stdout.write(renderBuildTable(rows, { since, styles, columns: columnsOf(io.stdout) }));
  return 0;
}

interface Work {
  readonly due: readonly PlannedBuild[];
  readonly asked: Asked | undefined;
  readonly options: BuildCommandOptions;
  readonly io: Io;
}

interface Done {
  readonly ok: boolean;
  readonly verified: readonly VerifiedRow[];
}

async function carryOut(
  prepared: Prepared,
  { due, asked, options, io }: Work,
  onEvent: (event: MeshEvent) => void,
): Promise<Done> {
  const { machine, planned, images, registry } = prepared;
  const { clock } = machine;
  const redact = createRedactor([...(asked?.secrets.tokens ?? []), ...secretTexts(prepared, due)]);
  const emit = createEmitter(clock, [onEvent], PROCESS_START_MS, redact);
  begin(prepared, emit);
  let metadata: Readonly<Record<string, unknown>> = {};
  let failed: ReadonlyMap<string, FailedBuild> = new Map();
  if (asked !== undefined) {
    const run = async () => {
      const built = await carryOutBuilds({ ...machine, emit }, due, asked);
      metadata = built.metadata;
      return built.outcomes;
    };
    const nodes = due.map(({ node }) => node);
    failed = await buildTogether(nodes, run, emit, (node) => causeOf(prepared, node));
  }
  for (const [node, failure] of failed) emitFailure(node, failure, emit);
  if (options.metadata !== undefined)
    await writeMetadata(path.resolve(io.cwd, options.metadata), { planned, metadata, images: registry ?? images });
  const verified = options.verify === true ? await verify(prepared, emit, io) : [];
  const ok = failed.size === 0 && verified.every((row) => row.ok);
  emit({
    type: 'run:finished',
    ok,
    tookMs: Math.round(clock.now() - PROCESS_START_MS),
    ready: planned.length - failed.size,
    wanted: planned.length,
    changed: due.length - failed.size,
    criticalPath: [],
  });
  return { ok, verified };
}

async function verify(prepared: Prepared, emit: Emit, io: Io): Promise<readonly VerifiedRow[]> {
  const { verifyBuilds } = await import('../verify-builds.ts');
  const names = new Map(prepared.planned.map(({ node, names: [first = ''] }) => [node, first]));
  return await verifyBuilds({ ...prepared, names, emit }, io);
}

function secretTexts({ machine }: Prepared, due: readonly PlannedBuild[]): string[] {
  return due.flatMap(({ node }) => (nodeOf(machine.mesh, node).build?.secrets ?? []).map(machine.secret));
}

function begin({ project, planned, affected }: Prepared, emit: Emit): void {
  const { mesh } = project;
  const nodes = planned.map(({ node }) => nodeOf(mesh, node)).map(({ name, kind, tier }) => ({ name, kind, tier }));
  emit({
    type: 'run:started',
    command: 'build',
    mesh: mesh.name,
    ...(mesh.instance === undefined ? {} : { instance: mesh.instance.name }),
    engine: 'docker buildx',
    nodes,
    keep: [],
  });
  if (affected?.affected.length === 0)
    emit({ type: 'run:notice', message: `nothing that is built changed since ${affected.since}` });
  for (const { node } of planned) {
    if (!copiesSecrets(mesh, node)) continue;
    const message = `${node}: its Dockerfile copies the whole project, .mesh/ with its secrets too; list .mesh in a .dockerignore`;
    emit({ type: 'run:notice', message });
  }
  for (const { node, upToDate, more } of planned) {
    if (!upToDate) continue;
    const named = more === undefined ? {} : { named: [...more.names] };
    emit({ type: 'node:built', node, tookMs: 0, cached: true, upToDate, ...named });
  }
}

function causeOf({ planned, affected }: Prepared, node: string): string | undefined {
  const [first, second] = [affected?.affected, planned].map((list) => list?.find((one) => one.node === node)?.because);
  return first ?? second;
}

function emitFailure(node: string, { reason, hint, logs, place }: FailedBuild, emit: Emit): void {
  emit({
    ...{ type: 'node:failed', node, reason, code: 'MESH3006', hint, had: [], blocks: [] },
    logs: logs.map((text) => ({ at: '', stream: 'stderr', text })),
    ...(place === undefined ? {} : { from: { ...place, column: 1 } }),
  });
}
