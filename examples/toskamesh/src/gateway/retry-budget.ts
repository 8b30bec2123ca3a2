const WINDOW_SECONDS = 10;

export interface RetryBudgetOptions {
  /** Retries that may be added to each hundred requests of the window. */
  readonly percent: number;
  /** Retries of the window that are allowed however few requests there are. */
  readonly floor: number;
}

interface Second {
  at: number;
  requests: number;
  retries: number;
}

/**
 * Bounds what retries add to the load. When all instances are slow or failing, a gateway that tries each request three
 * times makes it three times worse; with a budget it stays at a fifth more. Counted over the last ten seconds.
 */
export class RetryBudget {
  readonly #options: RetryBudgetOptions;
  /** A ring: each second writes over the one of ten seconds ago. */
  readonly #seconds: readonly Second[];

  constructor(options: RetryBudgetOptions) {
    this.#options = options;
    this.#seconds = Array.from({ length: WINDOW_SECONDS }, () => ({ at: -1, requests: 0, retries: 0 }));
  }

  request(nowMs: number): void {
    this.#current(nowMs).requests += 1;
  }

  /** Takes one retry out of the budget; false when there is none left. */
  take(nowMs: number): boolean {
    const { retries, allowed } = this.spent(nowMs);
    if (retries >= allowed) {
      return false;
    }
    this.#current(nowMs).retries += 1;
    return true;
  }

  spent(nowMs: number): { readonly requests: number; readonly retries: number; readonly allowed: number } {
    const oldest = Math.floor(nowMs / 1000) - WINDOW_SECONDS;
    let requests = 0;
    let retries = 0;
    for (const second of this.#seconds) {
      if (second.at > oldest) {
        requests += second.requests;
        retries += second.retries;
      }
    }
    return { requests, retries, allowed: this.#options.floor + Math.floor((requests * this.#options.percent) / 100) };
  }

  #current(nowMs: number): Second {
    const at = Math.floor(nowMs / 1000);
    const second = this.#seconds[at % WINDOW_SECONDS] ?? { at, requests: 0, retries: 0 };
    if (second.at !== at) {
      second.at = at;
      second.requests = 0;
      second.retries = 0;
    }
    return second;
  }
}
