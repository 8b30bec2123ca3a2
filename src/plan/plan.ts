import type { Location } from '../diagnostics/location.ts';
import type { NeedCondition } from '../mesh/mesh.ts';
import type { Instance } from './observed.ts';

/** Why an action is needed, in words, with the place in the manifest that asks for it. */
export interface Cause {
  readonly text: string;
  readonly at?: Location | undefined;
}

interface ActionBase {
  /** Unique in its plan, from 1, in the order in which actions are printed. */
  readonly id: number;
  readonly node: string;
  readonly cause: Cause;
  /** The actions that must have succeeded before this one begins. */
  readonly after: readonly number[];
}

export type Action = ActionBase &
  (
    | { readonly kind: 'build' }
    | { readonly kind: 'pull'; readonly image: string }
    | { readonly kind: 'create' }
    /** `spec`: what was asked for differs, for certain. `image`: the engine finds out whether its image is another one. */
    | { readonly kind: 'recreate'; readonly differs: 'spec' | 'image' }
    | { readonly kind: 'remove'; readonly instance: Instance }
    | { readonly kind: 'start' }
    | { readonly kind: 'wait'; readonly until: NeedCondition; readonly withinMs: number }
  );

export type ActionKind = Action['kind'];

/** The actions that turn what is observed into what is wanted. */
export interface Plan {
  /** The nodes that should be up, needs first. */
  readonly wanted: readonly string[];
  /** Those of them that run already as they should. Their `wait` only confirms that they are ready. */
  readonly keep: readonly string[];
  readonly actions: readonly Action[];
}
