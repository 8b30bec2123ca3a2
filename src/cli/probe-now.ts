import { hostPortOf } from '../execute/node-addresses.ts';
import type { Mesh, MeshNode } from '../mesh/mesh.ts';
import type { Instance } from '../plan/observed.ts';
import { createInstanceProbe } from '../probe/instance-probe.ts';
import type { ProbeAnswer } from '../probe/probe.ts';
import { systemClock } from '../time/clock.ts';
import type { OpenEngine } from './opened-engine.ts';

/** Asks a running instance once whether it is ready. A `log` check cannot be asked in hindsight: running is its answer. */
export async function probeNow(
  { engine, text }: OpenEngine,
  mesh: Mesh,
  node: MeshNode,
  instance: Instance,
  signal: AbortSignal,
): Promise<ProbeAnswer> {
  const check = node.health.ready;
  if (check.kind === 'log') return { ok: true, answer: 'running' };
  const options = {
    engine,
    project: mesh.project,
    node,
    check,
    instance,
    hostPort: (endpoint: string) => hostPortOf(node, endpoint, instance),
    text,
    clock: systemClock,
  };
  const probe = await createInstanceProbe(options, signal);
  return probe(signal);
}
