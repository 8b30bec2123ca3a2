import { Settings } from '@toskamesh/shared';
import { describe, expect, it } from 'vitest';
import { attemptLimitsOf, retryAfterSeconds } from '../../src/auth-service/attempt-limit.ts';

describe('the limit of attempts', () => {
  it('lets as many pass as it says and no more', () => {
    expect(retryAfterSeconds({ attempts: 10, endsInSeconds: 42.2 }, 10)).toBeUndefined();
    expect(retryAfterSeconds({ attempts: 11, endsInSeconds: 42.2 }, 10)).toBe(43);
  });

  it('never sends anybody back at once', () => {
    expect(retryAfterSeconds({ attempts: 11, endsInSeconds: 0 }, 10)).toBe(1);
  });

  it('can be set', () => {
    expect(attemptLimitsOf(new Settings({}))).toEqual({ perUsername: 10, perAddress: 100, windowSeconds: 300 });
    expect(attemptLimitsOf(new Settings({ AUTH__LOGINLIMIT__PERUSERNAME: '3' })).perUsername).toBe(3);
    expect(() => attemptLimitsOf(new Settings({ Auth__LoginLimit__WindowSeconds: '0' }))).toThrow(
      'Auth__LoginLimit__WindowSeconds must be a whole number from 1 to 86400',
    );
  });
});
