export type BreakerState = 'closed' | 'open' | 'half-open';

export interface BreakerOptions {
  /** So many failures one after the other open it. */
  readonly failures: number;
  /** From the opening until one request may try again. */
  readonly pauseMs: number;
}

const UNREACHABLE_PAUSE_MS = 1000;

/** What a request that was let through has to be told with, so that only the trial decides a half-open breaker. */
export type Pass = 'normal' | 'trial';

/**
 * Keeps requests from an instance that fails them: it opens after several failures in a row, or the first time that it
 * cannot be reached; after a pause it lets one trial through, and this one closes it or opens it again. It knows no clock:
 * callers say what time it is, in ms.
 */
export class CircuitBreaker {
  readonly #options: BreakerOptions;
  #failures = 0;
  #openedAt: number | undefined;
  #isTrying = false;

  constructor(options: BreakerOptions) {
    this.#options = options;
  }

  state(now: number): BreakerState {
    if (this.#openedAt === undefined) {
      return 'closed';
    }
    return now - this.#openedAt < this.#options.pauseMs ? 'open' : 'half-open';
  }

  admits(now: number): boolean {
    const state = this.state(now);
    return state === 'closed' || (state === 'half-open' && !this.#isTrying);
  }

  /** Ms until a request may try; while a trial is under way nobody knows, and 0 is as good as any. */
  admitsInMs(now: number): number {
    return this.#openedAt === undefined ? 0 : Math.max(0, this.#openedAt + this.#options.pauseMs - now);
  }

  /** Lets a request through that `admits` allows. */
  enter(now: number): Pass {
    if (this.state(now) === 'closed') {
      return 'normal';
    }
    this.#isTrying = true;
    return 'trial';
  }

  succeeded(pass: Pass): void {
    if (pass === 'trial') {
      this.#close();
    } else if (this.#openedAt === undefined) {
      this.#failures = 0;
    }
  }

  failed(pass: Pass, now: number): void {
    if (pass === 'trial') {
      this.#open(now);
    } else if (this.#openedAt === undefined) {
      // One that began before the opening and ends after it tells nothing new.
      this.#failures += 1;
      if (this.#failures >= this.#options.failures) {
        this.#open(now);
      }
    }
  }

  /**
   * There is nobody to connect to: more requests would only wait for the same. For a second at most, since an instance
   * that restarts is back in a moment.
   */
  unreachable(now: number): void {
    if (this.state(now) !== 'open') {
      this.#open(now - Math.max(0, this.#options.pauseMs - UNREACHABLE_PAUSE_MS));
    }
  }

  /** A request that ended without a verdict on the instance, as when its caller went away. */
  gaveUp(pass: Pass): void {
    if (pass === 'trial') {
      this.#isTrying = false;
    }
  }

  #open(now: number): void {
    this.#openedAt = now;
    this.#isTrying = false;
  }

  #close(): void {
    this.#openedAt = undefined;
    this.#failures = 0;
    this.#isTrying = false;
  }
}
