import { describe, expect, it } from 'vitest';
import { RateLimiter } from '../../src/gateway/rate-limiter.ts';

describe('RateLimiter', () => {
  it('allows a burst, then so many a second', () => {
    const limiter = new RateLimiter({ perSecond: 2, burst: 3 });
    const takes = (now: number, count: number) => Array.from({ length: count }, () => limiter.take('ada', now).allowed);
    expect(takes(0, 4)).toEqual([true, true, true, false]);
    expect(limiter.take('ada', 100)).toEqual({ allowed: false, remaining: 0, retryAfterSeconds: 0.4 });
    expect(takes(500, 2)).toEqual([true, false]);
    expect(takes(60_000, 4)).toEqual([true, true, true, false]);
  });

  it('counts each client on its own', () => {
    const limiter = new RateLimiter({ perSecond: 1, burst: 1 });
    expect(['ada', 'bob', 'ada'].map((client) => limiter.take(client, 0).allowed)).toEqual([true, true, false]);
  });

  it('remembers ten thousand clients at most', () => {
    const limiter = new RateLimiter({ perSecond: 1, burst: 1 });
    for (let client = 0; client < 12_000; client++) {
      limiter.take(String(client), 0);
    }
    expect(limiter.clients).toBe(10_000);
    expect(limiter.take('11999', 0).allowed).toBe(false);
    expect(limiter.take('0', 0).allowed).toBe(true);
  });
});
