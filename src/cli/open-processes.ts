import { MeshError } from '../diagnostics/mesh-error.ts';
import { createProcessEngine, type ProcessEngine } from '../engine/process/create-process-engine.ts';
import type { Emit } from '../execute/emit.ts';
import type { BuildOutcome } from '../execute/run-context.ts';
import { type Mesh, nodeOf } from '../mesh/mesh.ts';
import { systemClock } from '../time/clock.ts';
import type { EngineBase, OpenEngine } from './opened-engine.ts';

/** Services as processes of this machine; needs no engine to answer. */
export function openProcesses(
  base: EngineBase,
  because: string | undefined,
): OpenEngine & { readonly engine: ProcessEngine } {
  const { project, secret, variable } = base;
  const engine = createProcessEngine({
    root: project.root,
    secrets: secret,
    variables: variable,
    clock: systemClock,
    mesh: project.mesh,
  });
  return {
    engine,
    host: undefined,
    ...base,
    because,
    build: (mesh, nodes, emit, signal) => buildPrograms(engine, mesh, nodes, emit, signal),
  };
}

/** Nodes that share a build share its one run. */
async function buildPrograms(
  engine: ProcessEngine,
  mesh: Mesh,
  nodes: readonly string[],
  emit: Emit,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, BuildOutcome>> {
  const outcomes = nodes.map(async (name): Promise<readonly [string, BuildOutcome]> => {
    const begin = systemClock.now();
    try {
      await engine.builds.build(
        nodeOf(mesh, name),
        (step) => emit({ type: 'node:building', node: name, step }),
        signal,
      );
      return [name, { ok: true, tookMs: Math.round(systemClock.now() - begin), cached: false }];
    } catch (error) {
      if (!(error instanceof MeshError) || signal.aborted) throw error;
      return [
        name,
        { ok: false, reason: error.message, hint: error.hint ?? 'mend the build, then run this again', logs: [] },
      ];
    }
  });
  return new Map(await Promise.all(outcomes));
}
