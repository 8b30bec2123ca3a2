import type { UpResult } from '../execute/run-up.ts';
import type { Plan } from '../plan/plan.ts';
import { type RunState, writeRunState } from '../workspace/run-state.ts';
import type { PlannedUp } from './plan-up-now.ts';
import type { PreparedUp } from './prepare-up.ts';

/** What the next plan compares with. Nodes that this run was not about keep what is known of them. */
export function rememberRun({ project, planned, opened }: PreparedUp, result: UpResult): void {
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
