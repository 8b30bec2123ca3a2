/** About 100 bytes each: a megabyte in all. */
const MAX_CLIENTS = 10_000;

export interface RateLimit {
  /** Tokens that a client's bucket gains each second; 0 means no limit. */
  readonly perSecond: number;
  /** What a bucket holds at most: so many requests may come at once. */
  readonly burst: number;
}

export interface Allowance {
  readonly allowed: boolean;
  /** Whole requests that are left now. */
  readonly remaining: number;
  /** Seconds until there is a whole one again; 0 while there is. */
  readonly retryAfterSeconds: number;
}

interface Bucket {
  tokens: number;
  at: number;
}

/** A token bucket for each client. It knows no clock: callers say what time it is, in ms. */
export class RateLimiter {
  readonly limit: RateLimit;
  /** In the order of their last use: a Map keeps the order of insertion. */
  readonly #buckets = new Map<string, Bucket>();

  constructor(limit: RateLimit) {
    this.limit = limit;
  }

  get clients(): number {
    return this.#buckets.size;
  }

  take(client: string, now: number): Allowance {
    const { perSecond, burst } = this.limit;
    const bucket = this.#bucketOf(client, now);
    bucket.tokens = Math.min(burst, bucket.tokens + ((now - bucket.at) / 1000) * perSecond);
    bucket.at = now;
    const allowed = bucket.tokens >= 1;
    if (allowed) {
      bucket.tokens -= 1;
    }
    const missing = Math.max(0, 1 - bucket.tokens);
    return { allowed, remaining: Math.floor(bucket.tokens), retryAfterSeconds: missing / perSecond };
  }

  #bucketOf(client: string, now: number): Bucket {
    const known = this.#buckets.get(client);
    const bucket = known ?? { tokens: this.limit.burst, at: now };
    this.#buckets.delete(client);
    this.#buckets.set(client, bucket);
    if (known === undefined && this.#buckets.size > MAX_CLIENTS) {
      // The one that was silent for longest: it begins anew with a full bucket, which it most likely has by now.
      for (const oldest of this.#buckets.keys()) {
        this.#buckets.delete(oldest);
        break;
      }
    }
    return bucket;
  }
}
