import type { Instance } from '@toskamesh/shared';
import type { Thresholds } from './limits.ts';
import { nextState, type ProbeState, UNPROBED, type Verdict } from './verdict.ts';

/** `gone` has left the registry. */
export type Status = Verdict | 'gone';

const MAX_HISTORY = 50;
/** Milliseconds. A registry that has restarted lists an instance again with its next heartbeat, two seconds apart. */
export const MISSING_UNTIL_GONE_MS = 5000;
/** Milliseconds for which one that is gone is still shown. */
export const GONE_KEPT_MS = 10 * 60_000;

export interface Change {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly from: Status;
  readonly to: Status;
  readonly reason: string | undefined;
}

export interface ProbeResult {
  /** Why it failed; undefined when it did not. */
  readonly reason: string | undefined;
  readonly tookMs: number;
}

/** One instance and what is known of it. */
export interface Watched {
  readonly instance: Instance;
  readonly status: Status;
  /** Since when it has this status, in milliseconds since 1970. */
  readonly since: number;
  readonly state: ProbeState;
  readonly probedAt: number | undefined;
  readonly last: ProbeResult | undefined;
  /** Since when the registry has not listed it, in milliseconds since 1970; undefined while it does. */
  readonly missingSince: number | undefined;
  /** The newest first, `MAX_HISTORY` at most. */
  readonly history: readonly Change[];
}

export function watch(instance: Instance, now: number): Watched {
  return {
    instance,
    status: 'unknown',
    since: now,
    state: UNPROBED,
    probedAt: undefined,
    last: undefined,
    missingSince: undefined,
    history: [],
  };
}

/** It is in the registry's list, perhaps under another address than before. */
export function listed(watched: Watched, instance: Instance, now: number): Watched {
  const present = { ...watched, instance, missingSince: undefined };
  return watched.status === 'gone'
    ? become({ ...present, state: UNPROBED }, 'unknown', now, 'registered again')
    : present;
}

/** @returns undefined when it has been gone for long enough to be forgotten */
export function unlisted(watched: Watched, now: number): Watched | undefined {
  if (watched.status === 'gone') {
    return now - watched.since < GONE_KEPT_MS ? watched : undefined;
  }
  const missingSince = watched.missingSince ?? now;
  const absent = { ...watched, missingSince };
  return now - missingSince < MISSING_UNTIL_GONE_MS ? absent : become(absent, 'gone', now, 'no longer registered');
}

export function probed(watched: Watched, result: ProbeResult, thresholds: Thresholds, now: number): Watched {
  if (watched.status === 'gone') {
    return watched;
  }
  const state = nextState(watched.state, result.reason === undefined ? 'success' : 'failure', thresholds);
  return become({ ...watched, state, last: result, probedAt: now }, state.verdict, now, result.reason);
}

function become(watched: Watched, status: Status, now: number, reason: string | undefined): Watched {
  if (watched.status === status) {
    return watched;
  }
  const change = { at: now, from: watched.status, to: status, reason };
  return { ...watched, status, since: now, history: [change, ...watched.history].slice(0, MAX_HISTORY) };
}
