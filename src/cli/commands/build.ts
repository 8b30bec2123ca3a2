import { buildImages } from '../../build/build-images.ts';
import { InvalidInput } from '../../diagnostics/mesh-error.ts';
import { buildTogether } from '../../execute/build-together.ts';
import { createEmitter } from '../../execute/emit.ts';
import { nodeOf } from '../../mesh/mesh.ts';
import { unknownNames } from '../../mesh/select-nodes.ts';
import { PROCESS_START_MS, systemClock } from '../../time/clock.ts';
import { checkSources } from '../check-sources.ts';
import { createDisplay } from '../display.ts';
import { generateFiles } from '../generate-artefacts.ts';
import type { Io } from '../io.ts';
import { type MeshOptions, openProject, type Project, selectWanted } from '../project.ts';

export interface BuildCommandOptions extends MeshOptions {
  readonly services: readonly string[];
  readonly profile: readonly string[];
  readonly cache: boolean;
  readonly json?: boolean;
}

export async function build(options: BuildCommandOptions, io: Io): Promise<number> {
  const project = await openProject(options, io);
  const nodes = nodesToBuild(project, options);
  const missing = checkSources(project, nodes);
  if (missing.length > 0) throw new InvalidInput(missing, project.sources);
  await generateFiles(project, { targets: ['dockerfiles'] });
  const display = await createDisplay(io, options);
  const ok = await buildAll(project, nodes, display.onEvent, options, io).finally(() => display.finish());
  return ok ? 0 : 1;
}

/** Named ones must be buildable; without names, those are taken that are. */
function nodesToBuild(project: Project, options: BuildCommandOptions): string[] {
  const problems = unknownNames(project.mesh, options.services);
  if (problems.length > 0) throw new InvalidInput(problems, project.sources);
  const names =
    options.services.length > 0 ? options.services : selectWanted(project, { names: [], profiles: options.profile });
  const unbuildable = options.services.filter((name) => nodeOf(project.mesh, name).build === undefined);
  if (unbuildable.length > 0) {
    throw new InvalidInput(
      unbuildable.map((name) => ({
        code: 'MESH1501',
        severity: 'error',
        message: `${name} is not built: it runs the image ${nodeOf(project.mesh, name).image}`,
        location: nodeOf(project.mesh, name).at,
      })),
      project.sources,
    );
  }
  return names.filter((name) => nodeOf(project.mesh, name).build !== undefined);
}

async function buildAll(
  project: Project,
  nodes: readonly string[],
  onEvent: Parameters<typeof createEmitter>[1][number],
  options: BuildCommandOptions,
  io: Io,
): Promise<boolean> {
  const { mesh, root } = project;
  const clock = systemClock;
  const emit = createEmitter(clock, [onEvent], PROCESS_START_MS);
  const infos = nodes.map((name) => ({ name, kind: nodeOf(mesh, name).kind, tier: nodeOf(mesh, name).tier }));
  emit({
    type: 'run:started',
    command: 'build',
    mesh: mesh.name,
    ...(mesh.instance === undefined ? {} : { instance: mesh.instance.name }),
    engine: 'docker buildx',
    nodes: infos,
    keep: [],
  });
  const build = () =>
    buildImages({
      mesh,
      root,
      nodes,
      env: io.env,
      home: io.home,
      clock,
      emit,
      signal: io.signal,
      noCache: !options.cache,
    });
  const failed = await buildTogether(nodes, build, emit);
  for (const [node, { reason, hint, logs }] of failed) {
    const lines = logs.map((text) => ({ at: '', stream: 'stderr' as const, text }));
    emit({ type: 'node:failed', node, reason, code: 'MESH3006', hint, logs: lines, had: [], blocks: [] });
  }
  const built = nodes.length - failed.size;
  const tookMs = Math.round(clock.now() - PROCESS_START_MS);
  emit({
    type: 'run:finished',
    ok: built === nodes.length,
    tookMs,
    ready: built,
    wanted: nodes.length,
    changed: built,
    criticalPath: [],
  });
  return built === nodes.length;
}
