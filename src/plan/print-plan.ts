import { formatLocation } from '../diagnostics/location.ts';
import type { Action, Plan } from './plan.ts';

/** One line an action: `#3 [#1 #2] start db — api needs it ready  mesh.yaml:4:3`. Stable: tests and people compare it. */
export function printPlan(plan: Plan): string {
  const lines = plan.actions.map(printAction);
  if (plan.keep.length > 0) lines.push(`keep ${plan.keep.join(', ')}`);
  return `${lines.join('\n')}\n`;
}

export function printAction(action: Action): string {
  const after = action.after.length === 0 ? '' : ` [${action.after.map((id) => `#${id}`).join(' ')}]`;
  const place = action.cause.at === undefined ? '' : `  ${formatLocation(action.cause.at)}`;
  return `#${action.id}${after} ${describeAction(action)} — ${action.cause.text}${place}`;
}

/** The action without its cause: `wait db ready ≤ 60s`. */
export function describeAction(action: Action): string {
  switch (action.kind) {
    case 'wait':
      return `wait ${action.node} ${action.until} ≤ ${Math.round(action.withinMs / 1000)}s`;
    case 'pull':
      return `pull ${action.image} for ${action.node}`;
    case 'remove':
      return `remove ${action.instance.name}`;
    default:
      return `${action.kind} ${action.node}`;
  }
}

/** The actions that change something; a plan of waits alone has nothing to do. */
export function changesOf(plan: Plan): readonly Action[] {
  return plan.actions.filter((action) => action.kind !== 'wait');
}
