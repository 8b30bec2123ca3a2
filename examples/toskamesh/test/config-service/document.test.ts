import { describe, expect, it } from 'vitest';
import { isShallow } from '../../src/config-service/document.ts';

function nested(levels: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < levels; level += 1) {
    value = [value];
  }
  return value;
}

describe('isShallow', () => {
  it('allows 32 levels and no more, however many there are', () => {
    expect(isShallow(nested(32))).toBe(true);
    expect(isShallow(nested(33))).toBe(false);
    expect(isShallow(nested(100_000))).toBe(false);
    expect(isShallow({ a: { b: null }, c: 'text' })).toBe(true);
  });
});
