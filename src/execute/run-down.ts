import type { Engine } from '../engine/engine.ts';
import { topologicalOrder } from '../graph/topology.ts';
import { needsOf } from '../mesh/check-model.ts';
import type { Mesh, MeshNode } from '../mesh/mesh.ts';
import type { Instance } from '../plan/observed.ts';
import type { Clock } from '../time/clock.ts';
import type { Emit } from './emit.ts';
import type { EventOf } from './event.ts';

export interface DownContext {
  /** The options that name this copy of the mesh, where some were given. */
  readonly select?: string | undefined;
  readonly engine: Engine;
  readonly mesh: Mesh;
  readonly clock: Clock;
  /** When the command began, in milliseconds of the clock. */
  readonly beganMs: number;
  readonly emit: Emit;
  readonly signal: AbortSignal;
}

export interface DownOptions {
  readonly command: 'down' | 'stop';
  readonly instances: readonly Instance[];
  /** Milliseconds for every node; what the manifest says when missing. */
  readonly graceMs?: number | undefined;
  /** Only with `down`. */
  readonly volumes: boolean;
  /** `down` of named services keeps the network that the others use. */
  readonly wholeProject: boolean;
}

export interface DownResult {
  /** Networks and volumes that were removed. */
  readonly removed: readonly string[];
  readonly interrupted: boolean;
}

/** What the manifest no longer has is stopped with this much grace, Compose's own default. */
const ORPHAN_GRACE_MS = 10_000;

/**
 * Stops nodes in reverse order: each one when all that need it have stopped, so that nothing loses what it depends on
 * while it still works. `down` removes what was stopped.
 */
export async function runDown(context: DownContext, options: DownOptions): Promise<DownResult> {
  const { engine, mesh, clock, emit } = context;
  const byNode = groupByNode(options.instances);
  const names = orderOf(mesh, byNode);
  emit({
    type: 'run:started',
    command: options.command,
    mesh: mesh.name,
    ...(mesh.instance === undefined ? {} : { instance: mesh.instance.name }),
    ...(context.select === undefined ? {} : { select: context.select }),
    engine: engine.info.label,
    nodes: names.map((name) => describe(mesh, name)),
    keep: [],
  });
  const stopped = new Map<string, Promise<void>>();
  const dependents = dependentsOf(mesh);
  for (const name of names) {
    const first = (dependents.get(name) ?? []).map((dependent) => stopped.get(dependent));
    const own = Promise.all(first).then(() => stopNode(context, options, name, byNode.get(name) ?? []));
    stopped.set(name, own);
  }
  const whole = options.command === 'down' && options.wholeProject;
  const finish = async (): Promise<readonly string[]> => {
    await Promise.all(stopped.values());
    return whole ? engine.removeProject(mesh.project, { volumes: options.volumes }) : [];
  };
  const stopsDone = new Set<string>();
  for (const [name, own] of stopped) own.then(() => stopsDone.add(name)).catch(() => {});
  const tell = (how: Pick<EventOf<'run:finished'>, 'ok' | 'interrupted' | 'kept' | 'removed'>) =>
    emit({
      type: 'run:finished',
      tookMs: Math.round(clock.now() - context.beganMs),
      ready: 0,
      wanted: names.length,
      changed: stopsDone.size,
      criticalPath: [],
      ...how,
    });
  try {
    const removed = await Promise.race([finish(), whenAborted(context.signal)]);
    const kept = whole && !options.volumes ? volumesOf(mesh, byNode) : [];
    tell({ ok: true, kept, ...(options.volumes ? { removed: [...removed] } : {}) });
    return { removed, interrupted: false };
  } catch (error) {
    const interrupted = context.signal.aborted;
    tell({ ok: false, ...(interrupted ? { interrupted } : {}), kept: [] });
    // What was asked to stop goes on stopping on the engine; the next command sees how far it came.
    if (interrupted) return { removed: [], interrupted };
    throw error;
  }
}

/** Rejects with the signal's reason; a stop that takes its whole grace period must not hold an impatient user. */
function whenAborted(signal: AbortSignal): Promise<never> {
  const aborted = new Promise<never>((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    else signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  aborted.catch(() => {});
  return aborted;
}

async function stopNode(
  context: DownContext,
  options: DownOptions,
  name: string,
  instances: readonly Instance[],
): Promise<void> {
  context.signal.throwIfAborted();
  const node = context.mesh.nodes.find((candidate) => candidate.name === name);
  const begin = context.clock.now();
  const running = instances.filter((instance) => instance.state !== 'exited' && instance.state !== 'created');
  if (running.length > 0) context.emit({ type: 'node:stopping', node: name });
  const graceMs = options.graceMs ?? node?.stopGraceMs ?? ORPHAN_GRACE_MS;
  await Promise.all(
    instances.map(async (instance) => {
      if (running.includes(instance)) await context.engine.stop(instance, graceMs);
      if (options.command === 'down') await context.engine.remove(instance);
    }),
  );
  context.emit({ type: 'node:stopped', node: name, tookMs: Math.round(context.clock.now() - begin) });
}

function groupByNode(instances: readonly Instance[]): Map<string, Instance[]> {
  const groups = new Map<string, Instance[]>();
  for (const instance of instances) groups.set(instance.node, [...(groups.get(instance.node) ?? []), instance]);
  return groups;
}

/** Dependents before what they need; what the manifest does not have comes first. */
function orderOf(mesh: Mesh, byNode: ReadonlyMap<string, readonly Instance[]>): string[] {
  const known = topologicalOrder(needsOf(mesh.nodes)).reverse();
  const orphans = [...byNode.keys()].filter((name) => !known.includes(name));
  return [...orphans, ...known.filter((name) => byNode.has(name))];
}

function dependentsOf(mesh: Mesh): Map<string, string[]> {
  const dependents = new Map<string, string[]>();
  for (const [name, needs] of needsOf(mesh.nodes)) {
    for (const need of needs) dependents.set(need, [...(dependents.get(need) ?? []), name]);
  }
  return dependents;
}

function describe(mesh: Mesh, name: string): { name: string; kind: MeshNode['kind']; tier: string } {
  const node = mesh.nodes.find((candidate) => candidate.name === name);
  return { name, kind: node?.kind ?? 'service', tier: node?.tier ?? 'removed' };
}

function volumesOf(mesh: Mesh, byNode: ReadonlyMap<string, unknown>): string[] {
  return mesh.nodes
    .filter((node) => byNode.has(node.name))
    .flatMap((node) => node.volumes.map((volume) => volume.name));
}
