import { INTERRUPTED } from '../../diagnostics/exit-codes.ts';
import { InvalidInput } from '../../diagnostics/mesh-error.ts';
import { createEmitter } from '../../execute/emit.ts';
import { runDown } from '../../execute/run-down.ts';
import { unknownNames } from '../../mesh/select-nodes.ts';
import { PROCESS_START_MS, systemClock } from '../../time/clock.ts';
import { forgetPlacement } from '../../workspace/placement-file.ts';
import { lockProject } from '../../workspace/project-lock.ts';
import { forgetRunState, readRunState, writeRunState } from '../../workspace/run-state.ts';
import { createDisplay } from '../display.ts';
import type { Io } from '../io.ts';
import { openEngine } from '../open-engine.ts';
import { checkOwner } from '../plan-up-now.ts';
import { type MeshOptions, openProject, type Project, selectingOptions } from '../project.ts';

export interface DownCommandOptions extends MeshOptions {
  readonly services: readonly string[];
  readonly volumes?: boolean;
  readonly engine?: string;
  /** Milliseconds. */
  readonly timeout?: number;
  readonly json?: boolean;
}

export function down(options: DownCommandOptions, io: Io): Promise<number> {
  return takeDown('down', options, io);
}

export function stop(options: DownCommandOptions, io: Io): Promise<number> {
  return takeDown('stop', options, io);
}

async function takeDown(command: 'down' | 'stop', options: DownCommandOptions, io: Io): Promise<number> {
  const project = await openProject(options, io);
  checkNames(project, options);
  using _lock = lockProject(project.root, project.mesh.project);
  const { engine, redact } = await openEngine(project, io, options);
  const observed = await engine.observe(project.mesh.project, []);
  checkOwner(project, observed);
  const whole = options.services.length === 0;
  const instances = whole
    ? observed.instances
    : observed.instances.filter((instance) => options.services.includes(instance.node));
  const display = await createDisplay(io, options);
  const clock = systemClock;
  const emit = createEmitter(clock, [display.onEvent], PROCESS_START_MS, redact);
  const { interrupted } = await runDown(
    {
      select: selectingOptions(options),
      engine,
      mesh: project.mesh,
      clock,
      beganMs: PROCESS_START_MS,
      emit,
      signal: io.signal,
    },
    { command, instances, graceMs: options.timeout, volumes: options.volumes === true, wholeProject: whole },
  ).finally(() => display.finish());
  if (interrupted) return INTERRUPTED;
  if (command === 'down' && whole) forget(project, options);
  return 0;
}

/** Data that is kept stays where it is, so the next `up` has to know on which engine that was. */
function forget({ root, mesh }: Project, options: DownCommandOptions): void {
  forgetPlacement(root, mesh.project);
  const { engine } = readRunState(root, mesh.project);
  const keepsData = options.volumes !== true && mesh.nodes.some((node) => node.volumes.length > 0);
  if (keepsData && engine !== undefined)
    writeRunState(root, mesh.project, { v: 1, engine, nodes: {}, readyAfterMs: {} });
  else forgetRunState(root, mesh.project);
}

function checkNames(project: Project, options: DownCommandOptions): void {
  const problems = unknownNames(project.mesh, options.services);
  if (problems.length > 0) throw new InvalidInput(problems, project.sources);
  if (options.volumes === true && options.services.length > 0) {
    throw new InvalidInput([
      {
        code: 'MESH1501',
        severity: 'error',
        message: '--volumes removes the data of the whole mesh and takes no service names',
        hint: 'leave the names away, or remove one volume with docker volume rm',
      },
    ]);
  }
}
