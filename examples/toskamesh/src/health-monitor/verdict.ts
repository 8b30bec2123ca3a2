import type { Thresholds } from './limits.ts';

/** `degraded` has failed, but not yet as often in a row as makes it unhealthy. */
export type Verdict = 'unknown' | 'healthy' | 'degraded' | 'unhealthy';

export interface ProbeState {
  readonly verdict: Verdict;
  /** In a row, until now. */
  readonly failures: number;
  /** In a row, until now. */
  readonly successes: number;
}

export const UNPROBED: ProbeState = { verdict: 'unknown', failures: 0, successes: 0 };

export function nextState(state: ProbeState, outcome: 'success' | 'failure', thresholds: Thresholds): ProbeState {
  if (outcome === 'success') {
    const successes = state.successes + 1;
    // Only who was given up has to prove itself: one that is new or had a bad moment is healthy at once.
    const isBack = state.verdict !== 'unhealthy' || successes >= thresholds.recovery;
    return { verdict: isBack ? 'healthy' : 'unhealthy', failures: 0, successes };
  }
  const failures = state.failures + 1;
  return { verdict: failedVerdict(state.verdict, failures >= thresholds.failure), failures, successes: 0 };
}

function failedVerdict(before: Verdict, isTooOften: boolean): Verdict {
  if (isTooOften || before === 'unhealthy') {
    return 'unhealthy';
  }
  // One that never answered may be starting.
  return before === 'unknown' ? 'unknown' : 'degraded';
}
