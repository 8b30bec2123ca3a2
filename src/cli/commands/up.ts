import { INTERRUPTED } from '../../diagnostics/exit-codes.ts';
import { createEmitter } from '../../execute/emit.ts';
import type { RunContext } from '../../execute/run-context.ts';
import { runUp, type UpResult } from '../../execute/run-up.ts';
import { printPlan } from '../../plan/print-plan.ts';
import { PROCESS_START_MS, systemClock } from '../../time/clock.ts';
import { lockProject } from '../../workspace/project-lock.ts';
import { claimInstance } from '../claim-instance.ts';
import { createDisplay, type Display } from '../display.ts';
import type { Io } from '../io.ts';
import { openEngine } from '../open-engine.ts';
import type { OpenEngine } from '../opened-engine.ts';
import { placeProject } from '../place-project.ts';
import { planJson } from '../plan-json.ts';
import type { PlannedUp } from '../plan-up-now.ts';
import { describeHolder } from '../port-conflicts.ts';
import { type PreparedUp, type PrepareOptions, planWhole, prepareUp } from '../prepare-up.ts';
import { lineAt, openProject, type Project, selectingOptions } from '../project.ts';
import { rememberRun } from '../remember-run.ts';
import { settlePlacement } from '../settle-placement.ts';

export interface UpOptions extends PrepareOptions {
  readonly command?: 'restart';
  /** Services that are to go back into containers. */
  readonly contained?: readonly string[];
  readonly wait: boolean;
  readonly engine?: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

export async function up(options: UpOptions, io: Io): Promise<number> {
  if (options.dryRun === true) return showPlan(options, io);
  const { lock, notices, ...claimed } = await claimAndLock(options, io);
  using _lock = lock;
  const moved = await movedOf(claimed, options, io);
  const planned = await planWhole(moved.whole, moved.opened, options, io);
  const told = [...planned.notices, ...notices, ...moved.notices];
  const ready = await prepareUp({ ...planned, notices: told }, options, io);
  const display = await createDisplay(io, options);
  const result = await carryOut(ready, display, options, io).finally(() => display.finish());
  await settlePlacement(ready, result);
  if (result.interrupted) return INTERRUPTED;
  return result.ok ? 0 : 1;
}

async function showPlan(options: UpOptions, io: Io): Promise<number> {
  const found = await openProject(options, io);
  const { whole, opened } = await movedOf(
    { whole: found, opened: await openEngine(found, io, { engine: options.engine }) },
    options,
    io,
  );
  const { project, planned } = await planWhole(whole, opened, options, io);
  const { plan } = planned;
  io.stdout.write(options.json === true ? `${JSON.stringify(planJson(project.mesh, plan))}\n` : printPlan(plan));
  return 0;
}

interface Opened {
  /** With the nodes that the engine cannot run. */
  readonly whole: Project;
  readonly opened: OpenEngine;
}

/** With what the user moves between host and containers moved, and an engine that can do both. */
async function movedOf({ whole, opened }: Opened, options: UpOptions, io: Io): Promise<Moved> {
  const { local = [], contained = [] } = options;
  if (local.length + contained.length === 0 && whole.placement === undefined) return { whole, opened, notices: [] };
  const reopen = async (moved: Project, notices: readonly string[]): Promise<Moved> => {
    const reopened = await openEngine(moved, io, { engine: options.engine, secrets: 'read' });
    // Which secrets were just made is known to the first one only.
    return { whole: moved, opened: { ...reopened, secrets: opened.secrets }, notices };
  };
  // Where all services run on the host, none of them is moved there.
  if (opened.engine.info.kind === 'process')
    return reopen(
      placeProject(whole, undefined),
      local.length === 0 ? [] : ['--local says nothing new without containers'],
    );
  const { moveNodes } = await import('../move-nodes.ts');
  return reopen(await moveNodes(whole, opened, { toHost: local, toContainer: contained }), []);
}

interface Moved extends Opened {
  readonly notices: readonly string[];
}

interface Claim extends Opened {
  readonly lock: Disposable;
  readonly notices: readonly string[];
}

/** Whoever may change something looks only once nobody else may; two first runs must not make two sets of secrets. */
async function claimAndLock(options: UpOptions, io: Io): Promise<Claim> {
  const reopen = () => openProject(options, io);
  for (let whole = await reopen(); ; ) {
    const lock = lockProject(whole.root, whole.mesh.project);
    try {
      const opened = await openEngine(whole, io, { engine: options.engine, secrets: 'make' });
      const { project, notices } = await claimInstance(whole, opened, io, reopen);
      if (project === whole) return { whole, opened, lock, notices };
      // Its name may be another one now, and the lock and the engine's project with it.
      lock[Symbol.dispose]();
      whole = project;
    } catch (error) {
      lock[Symbol.dispose]();
      throw error;
    }
  }
}

async function carryOut(prepared: PreparedUp, display: Display, options: UpOptions, io: Io): Promise<UpResult> {
  const { project, opened, planned } = prepared;
  const { mesh } = project;
  const clock = systemClock;
  const emit = createEmitter(clock, [display.onEvent], PROCESS_START_MS, opened.redact);
  const context: RunContext = {
    engine: opened.engine,
    mesh,
    command: options.command ?? 'up',
    select: selectingOptions(options),
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
  // Where something is made anew, the engine opens the way once that is there.
  const isMade = planned.plan.actions.some(({ kind }) => kind === 'create' || kind === 'recreate');
  if (!isMade) await opened.hosted?.connect(mesh);
  for (const message of [...prepared.notices, ...secretsNotice(opened, planned)]) emit({ type: 'run:notice', message });
  const result = await runUp(context, planned.plan, planned.observed);
  rememberRun(prepared, result);
  return result;
}

function secretsNotice({ secrets }: OpenEngine, { observed }: PlannedUp): string[] {
  const count = secrets.made.length;
  if (count === 0) return [];
  const made = `made ${count} ${count === 1 ? 'secret' : 'secrets'} in .mesh/secrets.env (private to you, ignored by git)`;
  if (observed.instances.length === 0) return [made];
  // A database takes its password when it makes its data folder, and never again.
  return [
    made,
    'servers that hold data already may still want the old values: put them back, or start anew with mesh dev down --volumes',
  ];
}
