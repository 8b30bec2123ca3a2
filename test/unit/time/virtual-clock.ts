import type { Clock } from '../../../src/time/clock.ts';

export interface VirtualClock extends Clock {
  /** How many sleep now; 0 once all is over. */
  readonly sleeping: () => number;
}

interface Sleeper {
  readonly dueMs: number;
  readonly wake: () => void;
}

/**
 * A clock for things that happen side by side: it starts at 0 (2024-01-01 UTC), and whenever nothing else is left to
 * do it jumps to the moment at which the next sleeper wakes. Two that sleep a second each wake after one second.
 */
export function createVirtualClock(): VirtualClock {
  const sleepers: Sleeper[] = [];
  let nowMs = 0;
  let turning = false;

  // A turn of the event loop comes after all promises have settled that can settle without time.
  const turn = () => {
    turning = true;
    setImmediate(() => {
      const next = takeFirst(sleepers);
      if (next !== undefined) {
        nowMs = Math.max(nowMs, next.dueMs);
        next.wake();
      }
      turning = false;
      if (sleepers.length > 0) turn();
    });
  };

  return {
    now: () => nowMs,
    date: () => new Date(Date.UTC(2024, 0, 1) + nowMs),
    sleeping: () => sleepers.length,
    sleep: (milliseconds, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted === true) return reject(signal.reason);
        const onAbort = () => {
          sleepers.splice(sleepers.indexOf(sleeper), 1);
          reject(signal?.reason);
        };
        const wake = () => {
          signal?.removeEventListener('abort', onAbort);
          resolve();
        };
        const sleeper = { dueMs: nowMs + milliseconds, wake };
        sleepers.push(sleeper);
        signal?.addEventListener('abort', onAbort, { once: true });
        if (!turning) turn();
      }),
  };
}

/** The one that wakes first; among equals, the one that went to sleep first. */
function takeFirst(sleepers: Sleeper[]): Sleeper | undefined {
  const [first] = [...sleepers.keys()].sort((a, b) => (sleepers[a]?.dueMs ?? 0) - (sleepers[b]?.dueMs ?? 0));
  return first === undefined ? undefined : sleepers.splice(first, 1)[0];
}
