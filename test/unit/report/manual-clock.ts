import type { Clock } from '../../../src/time/clock.ts';

export interface ManualClock extends Clock {
  /** Lets time pass in small steps, and everything happen that it sets off. */
  readonly pass: (milliseconds: number) => Promise<void>;
  readonly sleeping: () => number;
}

const STEP_MS = 50;

/** A clock that stands still until a test lets time pass. */
export function createManualClock(): ManualClock {
  const sleepers = new Set<{ readonly dueMs: number; readonly wake: () => void }>();
  let nowMs = 0;

  const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
  return {
    now: () => nowMs,
    date: () => new Date(nowMs),
    sleeping: () => sleepers.size,
    sleep: (milliseconds, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted === true) return reject(signal.reason);
        const onAbort = () => {
          sleepers.delete(sleeper);
          reject(signal?.reason);
        };
        const wake = () => {
          signal?.removeEventListener('abort', onAbort);
          resolve();
        };
        const sleeper = { dueMs: nowMs + milliseconds, wake };
        sleepers.add(sleeper);
        signal?.addEventListener('abort', onAbort, { once: true });
      }),
    pass: async (milliseconds) => {
      const endMs = nowMs + milliseconds;
      while (nowMs < endMs) {
        nowMs = Math.min(endMs, nowMs + STEP_MS);
        for (const sleeper of [...sleepers].filter(({ dueMs }) => dueMs <= nowMs)) {
          sleepers.delete(sleeper);
          sleeper.wake();
        }
        await settle();
      }
    },
  };
}
