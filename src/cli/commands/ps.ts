import { InvalidInput, MeshError } from '../../diagnostics/mesh-error.ts';
import type { InstanceDetail, InstanceStats } from '../../engine/engine.ts';
import { nodeAddresses } from '../../execute/node-addresses.ts';
import type { MeshNode } from '../../mesh/mesh.ts';
import { unknownNames } from '../../mesh/select-nodes.ts';
import type { Instance } from '../../plan/observed.ts';
import { type PsNode, type PsReplica, type PsReport, renderPsTable } from '../../report/ps-table.ts';
import { readRunState } from '../../workspace/run-state.ts';
import { columnsOf, stylesFor } from '../display.ts';
import { fitToEngine } from '../fit-to-engine.ts';
import type { Io } from '../io.ts';
import { openEngine } from '../open-engine.ts';
import type { OpenEngine } from '../opened-engine.ts';
import { probeNow } from '../probe-now.ts';
import { type MeshOptions, openProject, type Project, selectWanted } from '../project.ts';

export interface PsOptions extends MeshOptions {
  readonly services: readonly string[];
  readonly profile: readonly string[];
  readonly stats?: boolean;
  readonly json?: boolean;
}

/** @returns 0 when all that should be up are ready or done, 1 otherwise */
export async function ps(options: PsOptions, io: Io): Promise<number> {
  const whole = await openProject(options, io);
  const problems = unknownNames(whole.mesh, options.services);
  if (problems.length > 0) throw new InvalidInput(problems, whole.sources);
  const opened = await openEngine(whole, io);
  const asked = selectWanted(whole, { names: [], profiles: options.profile });
  const { project, wanted: fitting } = await fitToEngine(whole, asked, opened);
  const { instances } = await opened.engine.observe(project.mesh.project, []);
  const wanted = new Set(fitting);
  // Beside what is on by default, whatever runs is shown: it was asked for once.
  const shown = project.mesh.nodes.filter((node) =>
    options.services.length > 0
      ? options.services.includes(node.name)
      : wanted.has(node.name) || instances.some((instance) => instance.node === node.name),
  );
  const stats = options.stats === true ? await statsOf(opened, instances) : new Map<string, InstanceStats>();
  const nodes = await Promise.all(
    shown.map((node) => describeNode({ project, opened, instances, stats, signal: io.signal }, node)),
  );
  const { info } = opened.engine;
  const report: PsReport = {
    v: 1,
    mesh: project.mesh.name,
    instance: project.mesh.instance?.name ?? project.mesh.project,
    project: project.mesh.project,
    engine: info.kind === 'process' ? 'process' : 'docker',
    nodes,
  };
  if (options.json === true) io.stdout.write(`${JSON.stringify(report)}\n`);
  else
    io.stdout.write(
      renderPsTable(report, { columns: columnsOf(io.stdout), styles: stylesFor(io.stdout, io), now: new Date() }),
    );
  return nodes.every((node) => node.state === 'ready' || node.state === 'done') ? 0 : 1;
}

async function statsOf(opened: OpenEngine, instances: readonly Instance[]): Promise<Map<string, InstanceStats>> {
  const running = instances.filter((instance) => instance.state === 'running');
  return new Map((await opened.engine.stats(running)).map((stats) => [stats.id, stats]));
}

interface Scope {
  readonly project: Project;
  readonly opened: OpenEngine;
  readonly instances: readonly Instance[];
  readonly stats: ReadonlyMap<string, InstanceStats>;
  readonly signal: AbortSignal;
}

async function describeNode(scope: Scope, node: MeshNode): Promise<PsNode> {
  const own = scope.instances.filter((instance) => instance.node === node.name).sort((a, b) => a.replica - b.replica);
  const [first] = own;
  const base = {
    name: node.name,
    kind: node.kind,
    tier: node.tier,
    placement:
      scope.opened.engine.info.kind === 'process' || node.onHost !== undefined
        ? ('host' as const)
        : ('container' as const),
    endpoints: nodeAddresses(node, first, scope.opened.engine.info.publishHost),
  };
  const absent: PsNode = { ...base, state: 'absent', restarts: 0, replicas: [] };
  if (first === undefined) return absent;
  const details = await Promise.all(own.map((instance) => detailOf(scope, instance)));
  const [detail] = details;
  if (detail === undefined) return absent;
  const recorded = readRunState(scope.project.root, scope.project.mesh.project).readyAfterMs;
  const states = await Promise.all(
    own.map((instance, index) => stateOfOne(scope, node, instance, details[index], recorded[instance.id])),
  );
  const readyAfterMs = recorded[first.id];
  return {
    ...base,
    ...worstOf(node, states),
    restarts: details.reduce((sum, one) => sum + (one?.restarts ?? 0), 0),
    ...(detail === undefined || first.state !== 'running' ? {} : { startedAt: detail.startedAt }),
    ...(readyAfterMs === undefined ? {} : { readyAfterMs }),
    replicas: own.map(
      (instance, index): PsReplica => ({
        number: instance.replica,
        id: instance.id,
        ...(details[index]?.pid === undefined ? {} : { pid: details[index].pid }),
        state: states[index]?.state ?? 'absent',
        endpoints: nodeAddresses(node, instance, scope.opened.engine.info.publishHost),
      }),
    ),
    ...usageOf(own, scope.stats),
  };
}

/** Nothing for a container that was removed since the list was made. */
async function detailOf(scope: Scope, instance: Instance): Promise<InstanceDetail | undefined> {
  try {
    return await scope.opened.engine.inspect(instance.id);
  } catch (error) {
    if (error instanceof MeshError && error.code === 'MESH2006') return undefined;
    throw error;
  }
}

type State = Pick<PsNode, 'state' | 'lastAnswer'>;

/** The worst replica decides. */
function worstOf(node: MeshNode, states: readonly State[]): State {
  const order: readonly State['state'][] = ['exited', 'unready', 'starting', 'ready', 'done'];
  const worst = [...states].sort((a, b) => order.indexOf(a.state) - order.indexOf(b.state))[0] ?? { state: 'absent' };
  return states.length < node.replicas && worst.state === 'ready'
    ? { state: 'unready', lastAnswer: `${states.length} of ${node.replicas} replicas` }
    : worst;
}

async function stateOfOne(
  scope: Scope,
  node: MeshNode,
  instance: Instance,
  detail: InstanceDetail | undefined,
  readyAfterMs: number | undefined,
): Promise<State> {
  if (instance.state === 'exited' || instance.state === 'dead') {
    if (node.job && instance.exitCode === 0) return { state: 'done' };
    return { state: 'exited', lastAnswer: `exit code ${instance.exitCode ?? '?'}` };
  }
  if (instance.state !== 'running')
    return { state: instance.state === 'restarting' ? 'starting' : 'exited', lastAnswer: instance.state };
  if (node.job) return { state: 'starting', lastAnswer: 'runs' };
  const answer = await probeNow(scope.opened, scope.project.mesh, node, instance, scope.signal);
  if (answer.ok) return { state: 'ready' };
  const age = detail === undefined ? 0 : Date.now() - Date.parse(detail.startedAt);
  const wasReady = detail?.restarts === 0 && readyAfterMs !== undefined && age > readyAfterMs;
  return {
    state: wasReady || age >= node.health.withinMs ? 'unready' : 'starting',
    lastAnswer: scope.opened.redact(answer.answer),
  };
}

function usageOf(instances: readonly Instance[], stats: ReadonlyMap<string, InstanceStats>): Partial<PsNode> {
  const own = instances.flatMap((instance) => stats.get(instance.id) ?? []);
  if (own.length === 0) return {};
  return {
    cpuPercent: own.reduce((sum, { cpuPercent }) => sum + cpuPercent, 0),
    memoryBytes: own.reduce((sum, { memory }) => sum + memory, 0),
    memoryLimitBytes: own.reduce((sum, { memoryLimit }) => sum + memoryLimit, 0),
  };
}
