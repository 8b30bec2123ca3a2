import { InvalidInput, MeshError, messageOf } from '../../diagnostics/mesh-error.ts';
import { runDocker } from '../../engine/docker/compose-command.ts';
import type { Orphans } from '../../engine/process/orphans.ts';
import { type DoctorRow, renderDoctorTable } from '../../report/doctor-table.ts';
import { systemClock } from '../../time/clock.ts';
import { lockProject } from '../../workspace/project-lock.ts';
import { checkSources } from '../check-sources.ts';
import { columnsOf, stylesFor } from '../display.ts';
import type { Io } from '../io.ts';
import { openEngine } from '../open-engine.ts';
import type { OpenEngine } from '../opened-engine.ts';
import { findPortConflicts } from '../port-conflicts.ts';
import { type MeshOptions, openProject, type Project, selectWanted } from '../project.ts';

export interface DoctorOptions extends MeshOptions {
  /** Ends what should not run. */
  readonly fix?: boolean;
  readonly json?: boolean;
}

/** Looks at everything that `up` needs and goes on after the first thing that is missing. @returns 1 when something is */
export async function doctor(options: DoctorOptions, io: Io): Promise<number> {
  const rows: DoctorRow[] = [checkNode()];
  rows.push(
    await checkTool(
      'compose',
      ['compose', 'version', '--short'],
      'install the Docker Compose plugin, version 2.23 or newer',
      io,
    ),
  );
  rows.push(await checkTool('buildx', ['buildx', 'version'], 'install the Docker buildx plugin', io));
  const project = await checkManifest(options, io, rows);
  // Before the engine is asked, which would take them up again.
  if (project !== undefined) rows.push(...(await checkOrphans(project, options.fix === true)));
  const engine = project === undefined ? undefined : await checkMesh(project, io, rows);
  const checks = engine === 'process' ? rows.map(onlyForDocker) : rows;
  if (options.json === true) io.stdout.write(`${JSON.stringify({ v: 1, checks })}\n`);
  else io.stdout.write(renderDoctorTable(checks, stylesFor(io.stdout, io), columnsOf(io.stdout)));
  return checks.some((row) => row.ok === false) ? 1 : 0;
}

/** Where services run as host processes, what only Docker needs is no hindrance. */
function onlyForDocker(row: DoctorRow): DoctorRow {
  const tool = row.title === 'compose' || row.title === 'buildx';
  return tool && row.ok === false ? { ...row, ok: 'warn' } : row;
}

const OLDEST_NODE = [20, 19] as const;

function checkNode(): DoctorRow {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const ok = major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1]);
  return { ok, title: `node ${process.versions.node}`, detail: '', fix: ok ? '' : 'install Node 20.19 or newer' };
}

async function checkTool(title: string, args: readonly string[], fix: string, io: Io): Promise<DoctorRow> {
  try {
    const result = await runDocker(args, { cwd: io.cwd, env: io.env, signal: io.signal });
    const version = /v?(\d+\.\d+(\.\d+)?)/.exec(result.stdout)?.[1];
    if (result.exitCode === 0) return { ok: true, title: `${title} ${version ?? ''}`.trim(), detail: '', fix: '' };
    return { ok: false, title, detail: 'is not installed', fix };
  } catch (error) {
    return { ok: false, title, detail: messageOf(error), fix };
  }
}

async function checkManifest(options: DoctorOptions, io: Io, rows: DoctorRow[]): Promise<Project | undefined> {
  try {
    const project = await openProject(options, io);
    rows.push({ ok: true, title: project.file, detail: `${project.mesh.nodes.length} nodes`, fix: '' });
    return project;
  } catch (error) {
    rows.push({ ok: false, title: 'manifest', detail: messageOf(error).split('\n')[0] ?? '', fix: hintOf(error) });
    return undefined;
  }
}

async function checkOrphans({ root, mesh }: Project, fix: boolean): Promise<DoctorRow[]> {
  const { findOrphans, endOrphans } = await import('../../engine/process/orphans.ts');
  const orphans = findOrphans(root);
  if (orphans.length === 0) return [];
  // A command that is about to take them up again must not have them taken away.
  using _lock = fix ? lockProject(root, mesh.project) : undefined;
  const left = fix ? await endOrphans(root, orphans, systemClock) : orphans;
  const title = 'host processes';
  const words = ({ project, processes }: Orphans) =>
    `of ${project} run without their supervisor: ${processes.join(', ')}`;
  const ended = orphans.filter(({ project }) => !left.some((one) => one.project === project));
  const how = fix ? 'end them by hand' : 'mesh dev up takes them up again; mesh dev doctor --fix ends them';
  return [
    ...ended.map((one): DoctorRow => ({ ok: true, title, detail: `${words(one)}; ended`, fix: '' })),
    ...left.map((one): DoctorRow => ({ ok: fix ? false : 'warn', title, detail: words(one), fix: how })),
  ];
}

/** @returns the engine that `up` would take; nothing when it would take none */
async function checkMesh(project: Project, io: Io, rows: DoctorRow[]): Promise<'docker' | 'process' | undefined> {
  let opened: OpenEngine;
  try {
    opened = await openEngine(project, io);
  } catch (error) {
    rows.push({
      ok: false,
      title: error instanceof InvalidInput ? 'secrets' : 'engine',
      detail: messageOf(error),
      fix: hintOf(error),
    });
    return undefined;
  }
  const fallback = opened.host === undefined && opened.because !== undefined;
  rows.unshift({
    ok: fallback ? 'warn' : true,
    title: opened.engine.info.label,
    detail: opened.host === undefined ? (opened.because ?? '') : `at ${opened.host.label}`,
    fix: fallback ? 'start Docker to run on the real servers' : '',
  });
  const wanted = selectWanted(project, { names: [], profiles: [] });
  const observed = await opened.engine.observe(project.mesh.project, []);
  for (const { port, holder, node } of await findPortConflicts(
    project.mesh,
    wanted,
    observed,
    opened,
    io.env.MESH_BIND_ADDRESS || undefined,
  )) {
    rows.push({
      ok: false,
      title: `port ${port}`,
      detail: `held by ${holder}; ${node} needs it`,
      fix: 'stop it, or: mesh dev up --remap-ports',
    });
  }
  const built = wanted.filter((name) =>
    project.mesh.nodes.some((node) => node.name === name && node.build !== undefined),
  );
  const missing = checkSources(project, built);
  for (const problem of missing)
    rows.push({ ok: 'warn', title: 'sources', detail: problem.message, fix: problem.hint ?? '' });
  return opened.host === undefined ? 'process' : 'docker';
}

function hintOf(error: unknown): string {
  if (error instanceof InvalidInput) return 'see: mesh dev plan';
  return error instanceof MeshError ? (error.hint ?? '') : '';
}
