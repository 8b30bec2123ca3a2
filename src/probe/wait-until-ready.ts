import type { Clock } from '../time/clock.ts';
import { type Backoff, DeadlinePassed, until } from '../time/until.ts';
import type { ProbeAnswer } from './probe.ts';

/**
 * At once, then after 25 ms, backing off to 250 ms (docs/architecture.md, Readiness). Each pause is 4 % longer
 * than the one before, so a start is seen within about that part of the time it took; a slow one costs four small
 * requests a second.
 */
export const READINESS_BACKOFF: Backoff = { firstMs: 25, factor: 1.04, maxMs: 250 };

/** Milliseconds after which an answer is told again although it is the same: whoever watches sees that the wait goes on. */
export const REPEAT_ANSWER_MS = 1000;

export interface WaitOptions {
  readonly clock: Clock;
  /** Milliseconds; `Infinity` waits for ever. A try that has begun may end later, by its own time-out. */
  readonly withinMs: number;
  readonly signal: AbortSignal;
  /**
   * Gets an answer when its text differs from the one told last, and the same one again every
   * {@link REPEAT_ANSWER_MS}. It is not called for every try, so that a display does not flicker.
   */
  readonly onAnswer?: ((answer: ProbeAnswer, tries: number) => void) | undefined;
}

export interface WaitResult {
  /** `false`: time was over. */
  readonly ok: boolean;
  /** The last answer's words. */
  readonly answer: string;
  readonly tries: number;
}

/**
 * Probes until the answer is ok or time is over. There is always one try, even with no time at all.
 *
 * @throws the signal's reason when it is aborted; whatever `probe` throws
 */
export async function waitUntilReady(
  probe: (signal: AbortSignal) => Promise<ProbeAnswer>,
  { clock, withinMs, signal, onAnswer }: WaitOptions,
): Promise<WaitResult> {
  const tell = tellChanges(clock, onAnswer);
  let last = { ok: false, answer: 'not asked yet', tries: 0 };
  const ask = async (tries: number): Promise<WaitResult | undefined> => {
    const answer = await probe(signal);
    last = { ...answer, tries };
    tell(answer, tries);
    return answer.ok ? last : undefined;
  };
  try {
    return await until(ask, { clock, backoff: READINESS_BACKOFF, withinMs, signal });
  } catch (error) {
    if (error instanceof DeadlinePassed) return last;
    throw error;
  }
}

function tellChanges(clock: Clock, onAnswer: WaitOptions['onAnswer']): (answer: ProbeAnswer, tries: number) => void {
  let told: { readonly text: string; readonly atMs: number } | undefined;
  return (answer, tries) => {
    const nowMs = clock.now();
    if (told?.text === answer.answer && nowMs - told.atMs < REPEAT_ANSWER_MS) return;
    told = { text: answer.answer, atMs: nowMs };
    onAnswer?.(answer, tries);
  };
}
