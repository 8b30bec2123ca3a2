import { InvalidInput, MeshError } from '../../diagnostics/mesh-error.ts';
import { createEmitter } from '../../execute/emit.ts';
import type { RunContext } from '../../execute/run-context.ts';
import { runUp, type UpResult } from '../../execute/run-up.ts';
import type { Plan } from '../../plan/plan.ts';
import { printPlan } from '../../plan/print-plan.ts';
import { PROCESS_START_MS, systemClock } from '../../time/clock.ts';
import { lockProject } from '../../workspace/project-lock.ts';
import { type RunState, writeRunState } from '../../workspace/run-state.ts';
import { checkSources } from '../check-sources.ts';
import { claimInstance } from '../claim-instance.ts';
import { createDisplay, type Display } from '../display.ts';
import { fitToEngine } from '../fit-to-engine.ts';
import { generateFiles } from '../generate-artefacts.ts';
import type { Io } from '../io.ts';
import { openEngine } from '../open-engine.ts';
import type { OpenEngine } from '../opened-engine.ts';
import { planJson } from '../plan-json.ts';
import { type PlannedUp, type PlanOptions, planUpNow } from '../plan-up-now.ts';
import { describeHolder, findPortConflicts, type PortConflict } from '../port-conflicts.ts';
import { checkVariables, lineAt, type MeshOptions, openProject, type Project, selectWanted } from '../project.ts';
import { remapPorts } from '../remap-ports.ts';

export interface UpOptions extends MeshOptions {
  readonly services: readonly string[];
  readonly profile: readonly string[];
  readonly build: 'missing' | 'always' | 'never';
  /** Milliseconds. */
  readonly timeout?: number;
  readonly wait: boolean;
  readonly remapPorts?: boolean;
  readonly engine?: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

const INTERRUPTED = 130;

export async function up(options: UpOptions, io: Io): Promise<number> {
  const first = await planWhole(options, io);
  if (options.dryRun === true) {
    const { mesh } = first.project;
    const { plan } = first.planned;
    io.stdout.write(options.json === true ? `${JSON.stringify(planJson(mesh, plan))}\n` : printPlan(plan));
    return 0;
  }
  const { project: claimed, notices } = await claimInstance(first.whole, first.opened, io, () =>
    openProject(options, io),
  );
  const inputs = claimed.key === first.whole.key ? first : await planWhole(options, io);
  using _lock = lockProject(inputs.project.root, inputs.project.mesh.project);
  const ready = await prepare({ ...inputs, notices: [...inputs.notices, ...notices] }, options, io);
  const display = await createDisplay(io, options);
  const result = await carryOut(ready, display, options, io).finally(() => display.finish());
  if (result.interrupted) return INTERRUPTED;
  return result.ok ? 0 : 1;
}

interface Prepared {
  readonly project: Project;
  readonly opened: OpenEngine;
  readonly planned: PlannedUp;
  /** What the user should know before the run begins. */
  readonly notices: readonly string[];
}

interface PlannedWhole extends Prepared {
  /** With the nodes that the engine cannot run. */
  readonly whole: Project;
  readonly planning: PlanOptions;
}

async function planWhole(options: UpOptions, io: Io): Promise<PlannedWhole> {
  const whole = await openProject(options, io);
  const opened = await openEngine(whole, io, options);
  const asked = selectWanted(whole, { names: options.services, profiles: options.profile });
  const { project, wanted, notices } = await fitToEngine(whole, asked, opened);
  checkVariables(project, wanted, io.env);
  const planning = { wanted, build: options.build, withinMs: options.timeout };
  const planned = await planUpNow(project, opened, planning, io);
  return { whole, project, opened, planned, planning, notices };
}

/** Everything that can be refused is refused here, before anything changes. */
async function prepare(inputs: PlannedWhole, options: UpOptions, io: Io): Promise<Prepared> {
  const { project, opened, planned, planning } = inputs;
  const { plan, observed } = planned;
  const building = plan.actions.filter((action) => action.kind === 'build').map((action) => action.node);
  const missing = checkSources(project, building);
  if (missing.length > 0) throw new InvalidInput(missing, project.sources);
  checkReachable(opened, io);
  const starting = plan.actions.filter((action) => action.kind === 'start').map((action) => action.node);
  const conflicts = await findPortConflicts(project.mesh, starting, observed, opened.engine);
  if (conflicts.length === 0) {
    if (opened.host !== undefined) await generateFiles(project);
    return inputs;
  }
  if (options.remapPorts !== true) throw portsHeld(conflicts);
  await remapPorts(project, conflicts);
  const reopen = () => openProject(options, io);
  const { project: remapped } = await claimInstance(await reopen(), opened, io, reopen);
  const fitted = await fitToEngine(remapped, planning.wanted, opened);
  const replanned = await planUpNow(fitted.project, opened, planning, io);
  if (opened.host !== undefined) await generateFiles(fitted.project);
  return { project: fitted.project, opened, planned: replanned, notices: inputs.notices };
}

function portsHeld(conflicts: readonly PortConflict[]): MeshError {
  const words = conflicts.map(({ port, holder, node }) => `${port} is held by ${holder} (${node} needs it)`);
  return new MeshError(`${conflicts.length === 1 ? 'port' : 'ports'} ${words.join('\n       ')}`, {
    code: 'MESH2003',
    hint: 'stop the holder, or take free ports: mesh dev up --remap-ports',
  });
}

/** An engine on another machine publishes on its own loopback address unless it is told otherwise; no probe gets there. */
function checkReachable({ engine, host }: OpenEngine, io: Io): void {
  const local =
    host === undefined || host.kind === 'unix' || ['127.0.0.1', 'localhost', '::1'].includes(engine.info.publishHost);
  if (local || (io.env.MESH_BIND_ADDRESS ?? '') !== '') return;
  throw new MeshError(
    `the engine at ${host.label} publishes ports on its own loopback address, which cannot be reached from here`,
    {
      code: 'MESH2010',
      hint: `set MESH_BIND_ADDRESS to an address of ${engine.info.publishHost} that you can reach and trust, or 0.0.0.0`,
    },
  );
}

async function carryOut(prepared: Prepared, display: Display, options: UpOptions, io: Io): Promise<UpResult> {
  const { project, opened, planned } = prepared;
  const { mesh } = project;
  const clock = systemClock;
  const emit = createEmitter(clock, [display.onEvent], PROCESS_START_MS);
  const context: RunContext = {
    engine: opened.engine,
    mesh,
    clock,
    beganMs: PROCESS_START_MS,
    emit,
    signal: io.signal,
    build: (nodes, signal) => opened.build(mesh, nodes, emit, signal),
    text: opened.text,
    lineAt: (location) => lineAt(project, location),
    portHolder: (port) => describeHolder(port, opened.engine),
    wait: options.wait,
  };
  for (const message of [...prepared.notices, ...secretsNotice(opened)]) emit({ type: 'run:notice', message });
  const result = await runUp(context, planned.plan, planned.observed);
  remember(prepared, result);
  return result;
}

function secretsNotice({ secrets }: OpenEngine): string[] {
  const count = secrets.made.length;
  if (count === 0) return [];
  return [`made ${count} ${count === 1 ? 'secret' : 'secrets'} in .mesh/secrets.env (private to you, ignored by git)`];
}

/** What the next plan compares with. Nodes that this run was not about keep what is known of them. */
function remember({ project, planned, opened }: Prepared, result: UpResult): void {
  const { plan, specs, state } = planned;
  const nodes: Record<string, RunState['nodes'][string]> = { ...state.nodes };
  const known = new Set(project.mesh.nodes.map((node) => node.name));
  for (const name of Object.keys(nodes)) if (!known.has(name)) delete nodes[name];
  const readyAfterMs: Record<string, number> = {};
  for (const name of plan.wanted) {
    const instances = result.instances
      .filter((instance) => instance.node === name)
      .sort((a, b) => a.replica - b.replica);
    const spec = specs.get(name);
    if (
      instances.length > 0 &&
      spec !== undefined &&
      wasMade(
        plan,
        name,
        planned,
        instances.map(({ id }) => id),
        state,
      )
    ) {
      nodes[name] = { ids: instances.map((instance) => instance.id), spec };
    }
  }
  for (const instance of result.instances) {
    const times = result.times.get(instance.node);
    const before = state.readyAfterMs[instance.id];
    if (times !== undefined) readyAfterMs[instance.id] = Math.round(times.readyMs - times.startedMs);
    else if (before !== undefined) readyAfterMs[instance.id] = before;
  }
  const engine = opened.engine.info.kind === 'process' ? 'process' : 'docker';
  const next = { v: 1, engine, nodes, readyAfterMs } as const;
  if (JSON.stringify(next) !== JSON.stringify(state)) writeRunState(project.root, project.mesh.project, next);
}

/** An interrupted or failed run may have left a node as it was: its old spec is then still the true one. */
function wasMade(plan: Plan, name: string, planned: PlannedUp, ids: readonly string[], state: RunState): boolean {
  const action = plan.actions.find(
    (candidate) => candidate.node === name && (candidate.kind === 'create' || candidate.kind === 'recreate'),
  );
  if (action === undefined || action.kind === 'create') return true;
  const before =
    state.nodes[name]?.ids ??
    planned.observed.instances.filter((instance) => instance.node === name).map(({ id }) => id);
  return ids.some((id) => !before.includes(id));
}
