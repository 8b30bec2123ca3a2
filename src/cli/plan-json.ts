import type { Mesh } from '../mesh/mesh.ts';
import type { Plan } from '../plan/plan.ts';
import { describeAction } from '../plan/print-plan.ts';

/** A plan for scripts; additions only. */
export function planJson(mesh: Mesh, plan: Plan): Record<string, unknown> {
  return {
    v: 1,
    mesh: mesh.name,
    project: mesh.project,
    ...(mesh.instance === undefined ? {} : { instance: mesh.instance.name }),
    keep: plan.keep,
    actions: plan.actions.map((action) => ({
      id: action.id,
      after: action.after,
      kind: action.kind,
      node: action.node,
      text: describeAction(action),
      cause: action.cause.text,
      ...(action.cause.at === undefined
        ? {}
        : { file: action.cause.at.file, line: action.cause.at.line, column: action.cause.at.column }),
    })),
  };
}
