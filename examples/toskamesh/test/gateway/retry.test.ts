import { describe, expect, it } from 'vitest';
import { RetryBudget } from '../../src/gateway/retry-budget.ts';
import { mayRepeat, type RepeatableRequest } from '../../src/gateway/retry-rule.ts';

const of = (method: string, more: Partial<RepeatableRequest> = {}): RepeatableRequest => ({
  method,
  headers: {},
  body: 'none',
  ...more,
});

describe('mayRepeat', () => {
  it.each(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE'])('%s that may have been received', (method) => {
    expect(mayRepeat(of(method), 'lost')).toBe(true);
    expect(mayRepeat(of(method), 'unavailable')).toBe(true);
  });

  it.each(['POST', 'PATCH'])('not %s, but when nothing of it was sent', (method) => {
    expect(mayRepeat(of(method), 'lost')).toBe(false);
    expect(mayRepeat(of(method), 'unavailable')).toBe(false);
    expect(mayRepeat(of(method), 'not-sent')).toBe(true);
  });

  it('not a body that was streamed, nor a write with a condition, nor what has taken all its time', () => {
    expect(mayRepeat(of('PUT', { body: 'kept' }), 'lost')).toBe(true);
    expect(mayRepeat(of('PUT', { body: 'streamed' }), 'lost')).toBe(false);
    expect(mayRepeat(of('PUT', { headers: { 'if-match': '"1"' } }), 'lost')).toBe(false);
    expect(mayRepeat(of('GET', { headers: { 'if-none-match': '"1"' } }), 'lost')).toBe(true);
    expect(mayRepeat(of('GET'), 'timeout')).toBe(false);
  });
});

describe('RetryBudget', () => {
  it('allows a share of the requests of the last ten seconds, and a few more', () => {
    const budget = new RetryBudget({ percent: 20, floor: 1 });
    for (let count = 0; count < 10; count++) {
      budget.request(5000);
    }
    expect([1, 2, 3, 4].map(() => budget.take(6000))).toEqual([true, true, true, false]);
    expect(budget.spent(6000)).toEqual({ requests: 10, retries: 3, allowed: 3 });
    // The requests are out of the window one second before the retries.
    expect(budget.spent(15_000)).toEqual({ requests: 0, retries: 3, allowed: 1 });
    expect(budget.take(15_999)).toBe(false);
    expect(budget.take(16_000)).toBe(true);
  });
});
