import type { CircuitBreaker } from './circuit-breaker.ts';

export interface Candidate {
  readonly breaker: CircuitBreaker;
}

/** Gives each in its turn, among those that were not tried yet and whose breaker lets a request through. */
export class RoundRobin {
  #turn = 0;

  next<T extends Candidate>(candidates: readonly T[], tried: ReadonlySet<T>, now: number): T | undefined {
    for (let offset = 0; offset < candidates.length; offset++) {
      const place = (this.#turn + offset) % candidates.length;
      const candidate = candidates[place];
      if (candidate !== undefined && !tried.has(candidate) && candidate.breaker.admits(now)) {
        this.#turn = place + 1;
        return candidate;
      }
    }
    return undefined;
  }
}

export function hasAnother<T extends Candidate>(candidates: readonly T[], tried: ReadonlySet<T>, now: number): boolean {
  return candidates.some((candidate) => !tried.has(candidate) && candidate.breaker.admits(now));
}

/** Seconds, rounded up and one at least, until the first of them may be tried again. */
export function retryAfterSeconds(candidates: readonly Candidate[], now: number): number {
  const pauses = candidates.map(({ breaker }) => breaker.admitsInMs(now));
  return Math.max(1, Math.ceil(Math.min(...pauses) / 1000));
}
