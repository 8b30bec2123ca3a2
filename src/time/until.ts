import type { Clock } from './clock.ts';

/** How often to ask: from `firstMs`, growing by `factor`, never above `maxMs`. */
export interface Backoff {
  readonly firstMs: number;
  readonly factor: number;
  readonly maxMs: number;
}

export interface UntilOptions {
  readonly clock: Clock;
  readonly backoff: Backoff;
  /** Milliseconds from now; `Infinity` waits for ever. */
  readonly withinMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** The time that {@link until} had is over. */
export class DeadlinePassed extends Error {
  override readonly name = 'DeadlinePassed';
  readonly withinMs: number;

  constructor(withinMs: number) {
    super(`not within ${withinMs} ms`);
    this.withinMs = withinMs;
  }
}

/**
 * The one way to wait: asks at once, then with growing pauses, until the question has an answer.
 *
 * @returns the first answer that is not `undefined`
 * @throws DeadlinePassed when time is over; the signal's reason when it is aborted; whatever `ask` throws
 */
export async function until<T>(ask: (attempt: number) => Promise<T | undefined>, options: UntilOptions): Promise<T> {
  const { clock, backoff, withinMs, signal } = options;
  const deadline = clock.now() + withinMs;
  let pauseMs = backoff.firstMs;
  for (let attempt = 1; ; attempt++) {
    signal?.throwIfAborted();
    const answer = await ask(attempt);
    if (answer !== undefined) return answer;
    const leftMs = deadline - clock.now();
    if (leftMs <= 0) throw new DeadlinePassed(withinMs);
    await clock.sleep(Math.min(pauseMs, leftMs), signal);
    pauseMs = Math.min(pauseMs * backoff.factor, backoff.maxMs);
  }
}
