import type { LogClock } from '../../../src/logs/merge-lines.ts';

export interface FakeLogClock extends LogClock {
  /** Moves time on, and calls what became due, in order. */
  advance(milliseconds: number): void;
  /** How many calls wait. */
  waiting(): number;
}

export function createFakeLogClock(start = '2026-11-24T12:00:00.000Z'): FakeLogClock {
  const startMs = Date.parse(start);
  let nowMs = 0;
  let calls: { readonly at: number; readonly run: () => void }[] = [];
  return {
    now: () => nowMs,
    date: () => new Date(startMs + nowMs),
    after(milliseconds, run) {
      const call = { at: nowMs + milliseconds, run };
      calls.push(call);
      return () => {
        calls = calls.filter((other) => other !== call);
      };
    },
    advance(milliseconds) {
      const end = nowMs + milliseconds;
      for (;;) {
        const [next] = calls.filter((call) => call.at <= end).sort((a, b) => a.at - b.at);
        if (next === undefined) break;
        calls = calls.filter((call) => call !== next);
        nowMs = Math.max(nowMs, next.at);
        next.run();
      }
      nowMs = end;
    },
    waiting: () => calls.length,
  };
}
