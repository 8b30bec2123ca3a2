import type { Action } from '../plan/plan.ts';

/** How an action ended. A failed or skipped one keeps all that come after it from running. */
export type ActionOutcome = 'done' | 'failed';

export interface ActionHooks {
  /**
   * Carries out actions that became ready at the same moment and belong together (see `groupOf`).
   * A rejection ends the whole walk, once all that is under way has ended; what concerns one node only is an outcome.
   */
  readonly perform: (group: readonly Action[]) => Promise<ReadonlyMap<number, ActionOutcome>>;
  /** Actions of one group are performed in one call. */
  readonly groupOf: (action: Action) => string;
  /** An action that cannot run any more, with the failed action at the root of it. */
  readonly onSkip: (action: Action, because: Action) => void;
  /** The first rejection: the moment to end what is still under way. */
  readonly onBreak: (error: unknown) => void;
  /** After every change: the actions that wait, each with the prerequisites that are not done. */
  readonly onHeld: (held: readonly { readonly action: Action; readonly on: readonly Action[] }[]) => void;
}

/** Walks the actions in the order that their prerequisites allow, as much at once as they allow. Decides nothing else. */
export function walkActions(actions: readonly Action[], hooks: ActionHooks): Promise<void> {
  const byId = new Map(actions.map((action) => [action.id, action]));
  const open = new Map(actions.map((action) => [action.id, new Set(action.after)]));
  const dependents = new Map<number, number[]>();
  for (const action of actions)
    for (const id of action.after) dependents.set(id, [...(dependents.get(id) ?? []), action.id]);

  return new Promise((resolve, reject) => {
    let running = 0;
    let failure: { readonly error: unknown } | undefined;
    /** Nothing is left that still works: only now may the caller believe that it is over. */
    const finish = () => {
      if (running > 0) return;
      if (failure === undefined) resolve();
      else reject(failure.error);
    };

    const skipAfter = (root: Action, id: number): void => {
      for (const dependent of dependents.get(id) ?? []) {
        const action = byId.get(dependent);
        if (action === undefined || !open.delete(dependent)) continue;
        hooks.onSkip(action, root);
        skipAfter(root, dependent);
      }
    };

    const settle = (action: Action, outcome: ActionOutcome) => {
      if (outcome === 'failed') return skipAfter(action, action.id);
      for (const dependent of dependents.get(action.id) ?? []) open.get(dependent)?.delete(action.id);
    };

    const begin = (group: readonly Action[]) => {
      running += 1;
      hooks.perform(group).then(
        (outcomes) => {
          running -= 1;
          if (failure !== undefined) return finish();
          for (const action of group) settle(action, outcomes.get(action.id) ?? 'done');
          next();
        },
        (error: unknown) => {
          running -= 1;
          if (failure === undefined) {
            failure = { error };
            hooks.onBreak(error);
          }
          finish();
        },
      );
    };

    const next = () => {
      const ready = actions.filter((action) => open.get(action.id)?.size === 0);
      for (const action of ready) open.delete(action.id);
      for (const group of groupBy(ready, hooks.groupOf)) begin(group);
      hooks.onHeld(heldActions(actions, open, byId));
      finish();
    };
    next();
  });
}

function heldActions(
  actions: readonly Action[],
  open: ReadonlyMap<number, ReadonlySet<number>>,
  byId: ReadonlyMap<number, Action>,
): { readonly action: Action; readonly on: readonly Action[] }[] {
  return actions.flatMap((action) => {
    const waits = open.get(action.id);
    if (waits === undefined) return [];
    return [{ action, on: [...waits].flatMap((id) => byId.get(id) ?? []) }];
  });
}

function groupBy(actions: readonly Action[], keyOf: (action: Action) => string): Action[][] {
  const groups = new Map<string, Action[]>();
  for (const action of actions) groups.set(keyOf(action), [...(groups.get(keyOf(action)) ?? []), action]);
  return [...groups.values()];
}
