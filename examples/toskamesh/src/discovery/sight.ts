import type { ListedInstance } from '@toskamesh/shared';

/**
 * Heartbeats come every two seconds, and much faster from an instance whose last one failed: one that has not come back
 * by then is gone.
 */
const SETTLE_MS = 3000;

type List = readonly ListedInstance[];

/** What discovery knows of the registry. Only a `clear` sight is told to callers. */
export type Sight =
  | { readonly kind: 'unseen' }
  | { readonly kind: 'clear'; readonly list: List }
  /** The store does not answer; `last` is what it said before. */
  | { readonly kind: 'away'; readonly last: List }
  /** It answers again, but less than before: perhaps it lost its memory, and the instances are about to come back. */
  | { readonly kind: 'settling'; readonly last: List; readonly untilMs: number };

export interface Step {
  readonly sight: Sight;
  /** Those that fell silent with this step. */
  readonly expired: List;
}

export function afterFailure(before: Sight): Sight {
  switch (before.kind) {
    case 'clear':
      return { kind: 'away', last: before.list };
    case 'settling':
      return { kind: 'away', last: before.last };
    default:
      return before;
  }
}

export function afterRead(before: Sight, list: List, nowMs: number): Step {
  const clear: Sight = { kind: 'clear', list };
  if (before.kind === 'unseen') {
    return { sight: clear, expired: [] };
  }
  const byId = new Map(list.map((instance) => [instance.id, instance]));
  const hasGone = ({ id }: ListedInstance): boolean => byId.get(id)?.silent ?? true;
  if (before.kind === 'clear') {
    // Whoever is not listed any more was deregistered, or has expired before.
    return { sight: clear, expired: before.list.filter(({ id, silent }) => !silent && byId.get(id)?.silent === true) };
  }
  const missing = before.last.filter((instance) => !instance.silent && hasGone(instance));
  const untilMs = before.kind === 'settling' ? before.untilMs : nowMs + SETTLE_MS;
  return missing.length > 0 && nowMs < untilMs
    ? { sight: { kind: 'settling', last: before.last, untilMs }, expired: [] }
    : { sight: clear, expired: missing };
}
