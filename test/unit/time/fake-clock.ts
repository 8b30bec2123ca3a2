import type { Clock } from '../../../src/time/clock.ts';

export interface FakeClock extends Clock {
  /** Lets time pass without anyone sleeping, as a slow answer does. */
  advance(milliseconds: number): void;
  /** Every pause that was slept, in milliseconds. */
  readonly slept: readonly number[];
}

/** A clock that starts at 0 (2024-01-01 UTC) and moves only when someone sleeps on it, which takes no time. */
export function createFakeClock(): FakeClock {
  let nowMs = 0;
  const slept: number[] = [];
  return {
    slept,
    now: () => nowMs,
    date: () => new Date(Date.UTC(2024, 0, 1) + nowMs),
    advance: (milliseconds) => {
      nowMs += milliseconds;
    },
    sleep: async (milliseconds, signal) => {
      signal?.throwIfAborted();
      slept.push(milliseconds);
      nowMs += milliseconds;
      // A turn of the event loop, so that what else happens "meanwhile" can happen, such as an abort.
      await new Promise((resolve) => setImmediate(resolve));
      signal?.throwIfAborted();
    },
  };
}
