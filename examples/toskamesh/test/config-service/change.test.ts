import { describe, expect, it } from 'vitest';
import { nextVersion } from '../../src/config-service/change.ts';
import { parseConditions } from '../../src/config-service/precondition.ts';

const KEY = { service: 'orders', environment: 'production' };
const next = (version: number, exists: boolean, headers: Record<string, string> = {}) =>
  nextVersion(KEY, { version, exists }, parseConditions(headers));

describe('nextVersion', () => {
  it('counts on from whatever was there, a deletion included', () => {
    expect(next(0, false)).toBe(1);
    expect(next(7, true, { 'if-match': '"7"' })).toBe(8);
    expect(next(8, false, { 'if-none-match': '*' })).toBe(9);
  });

  it('refuses a change that was meant for another version, and says which one there is', () => {
    expect(() => next(7, true, { 'if-match': '"6"' })).toThrow(
      expect.objectContaining({ status: 412, message: 'orders/production is at version 7', headers: { etag: '"7"' } }),
    );
  });

  it('takes a deleted configuration for one that is not there', () => {
    expect(() => next(8, false, { 'if-match': '"8"' })).toThrow(
      expect.objectContaining({ status: 412, message: 'there is no orders/production' }),
    );
  });
});
