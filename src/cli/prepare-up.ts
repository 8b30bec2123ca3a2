import { InvalidInput, MeshError } from '../diagnostics/mesh-error.ts';
import { portKey } from '../mesh/host-ports.ts';
import type { Mesh } from '../mesh/mesh.ts';
import { endpointsCalledBy } from '../mesh/placement.ts';
import { writePlacement } from '../workspace/placement-file.ts';
import { checkSources } from './check-sources.ts';
import { claimInstance } from './claim-instance.ts';
import { fitToEngine } from './fit-to-engine.ts';
import { generateFiles, TARGETS_OF_UP } from './generate-artefacts.ts';
import type { Io } from './io.ts';
import type { OpenEngine } from './opened-engine.ts';
import { placeProject } from './place-project.ts';
import { type PlannedUp, type PlanOptions, planUpNow } from './plan-up-now.ts';
import { findPortConflicts, isLoopback, type PortConflict, placeOfPort } from './port-conflicts.ts';
import { checkVariables, type MeshOptions, openProject, type Project, selectWanted } from './project.ts';
import { remapPorts } from './remap-ports.ts';

export interface PrepareOptions extends MeshOptions {
  readonly services: readonly string[];
  /** Services that are to run on the host from now on; they are wanted with all that they call. */
  readonly local?: readonly string[];
  /** Nodes that are not wanted though others need them: what somebody stopped stays stopped. */
  readonly leave?: readonly string[];
  readonly profile: readonly string[];
  readonly build: 'missing' | 'always' | 'never';
  /** Milliseconds. */
  readonly timeout?: number;
  readonly remapPorts?: boolean;
}

/** All that a run needs. */
export interface PreparedUp {
  /** Of the nodes that the engine can run. */
  readonly project: Project;
  readonly opened: OpenEngine;
  readonly planned: PlannedUp;
  /** What the user should know before the run begins. */
  readonly notices: readonly string[];
}

export interface PlannedWhole extends PreparedUp {
  readonly planning: PlanOptions;
}

/** Looks at the engine and decides; changes nothing. */
export async function planWhole(
  whole: Project,
  opened: OpenEngine,
  options: PrepareOptions,
  io: Io,
): Promise<PlannedWhole> {
  const asked = askedNodes(whole, options);
  const { project, wanted, notices } = await fitToEngine(whole, asked, opened);
  checkVariables(project, wanted, io.env);
  const planning = { wanted, build: options.build, withinMs: options.timeout };
  const planned = await planUpNow(project, opened, planning);
  return { project, opened, planned, planning, notices };
}

function askedNodes(whole: Project, { services, profile, local = [], leave = [] }: PrepareOptions): readonly string[] {
  const on = selectWanted(whole, { names: services, profiles: profile });
  if (local.length === 0) return on.filter((name) => !leave.includes(name));
  const called = calledWithoutPort(whole.unplaced, local);
  const wanted = new Set([...on, ...selectWanted(whole, { names: [...local, ...called], profiles: profile })]);
  const all = selectWanted(whole, { names: whole.mesh.nodes.map(({ name }) => name), profiles: [] });
  return all.filter((name) => wanted.has(name) && !leave.includes(name));
}

/** The nodes that get a port on this machine because services on the host call them. */
function calledWithoutPort(mesh: Mesh, local: readonly string[]): string[] {
  const called = endpointsCalledBy(mesh, new Set(local));
  return mesh.nodes
    .filter(({ name, endpoints }) =>
      endpoints.some((endpoint) => endpoint.host.kind !== 'fixed' && called.has(portKey(name, endpoint.name))),
    )
    .map(({ name }) => name);
}

/** Everything that can be refused is refused here, before anything changes. */
export async function prepareUp(inputs: PlannedWhole, options: PrepareOptions, io: Io): Promise<PreparedUp> {
  const { project, opened, planned, planning } = inputs;
  const { plan, observed } = planned;
  const building = plan.actions.filter((action) => action.kind === 'build').map((action) => action.node);
  const missing = checkSources(project, building);
  if (missing.length > 0) throw new InvalidInput(missing, project.sources);
  checkReachable(opened, io);
  const starting = plan.actions.filter((action) => action.kind === 'start').map((action) => action.node);
  const bindAddress = io.env.MESH_BIND_ADDRESS || undefined;
  const conflicts = await findPortConflicts(project.mesh, starting, observed, opened, bindAddress);
  if (conflicts.length === 0) {
    await writeDecided(project, opened);
    return inputs;
  }
  if (options.remapPorts !== true) throw portsHeld(project, conflicts);
  await remapPorts(project, conflicts);
  const reopen = async () => placeProject(await openProject(options, io), project.placement);
  const { project: remapped } = await claimInstance(await reopen(), opened, io, reopen);
  const fitted = await fitToEngine(remapped, planning.wanted, opened);
  const replanned = await planUpNow(fitted.project, opened, planning);
  await writeDecided(fitted.project, opened);
  return { project: fitted.project, opened, planned: replanned, notices: inputs.notices };
}

/** What the run relies on, and what the next command has to know. */
async function writeDecided(project: Project, opened: OpenEngine): Promise<void> {
  const { placement, root, mesh } = project;
  if (opened.host === undefined) return;
  await generateFiles(project, { targets: TARGETS_OF_UP });
  // Last, since a file that was edited by hand is refused: what is written here is believed by every command.
  if (placement !== undefined) writePlacement(root, mesh.project, placement);
}

function portsHeld(project: Project, conflicts: readonly PortConflict[]): MeshError {
  const [first] = conflicts;
  const words = conflicts.map(({ port, holder, node }) => `${port} is held by ${holder} (${node} needs it)`);
  return new MeshError(`${conflicts.length === 1 ? 'port' : 'ports'} ${words.join('\n       ')}`, {
    code: 'MESH2003',
    location: first === undefined ? undefined : placeOfPort(project.mesh, first),
    hint: 'stop the holder, or take free ports: mesh dev up --remap-ports',
  });
}

/** An engine on another machine publishes on its own loopback address unless it is told otherwise; no probe gets there. */
function checkReachable({ engine, host }: OpenEngine, io: Io): void {
  const local = host === undefined || host.kind === 'unix' || isLoopback(engine.info.publishHost);
  if (local || (io.env.MESH_BIND_ADDRESS ?? '') !== '') return;
  throw new MeshError(
    `the engine at ${host.label} publishes ports on its own loopback address, which cannot be reached from here`,
    {
      code: 'MESH2010',
      hint: `set MESH_BIND_ADDRESS to an address of ${engine.info.publishHost} that you can reach and trust, or 0.0.0.0`,
    },
  );
}
