import { describe, expect, it } from 'vitest';
import { problemIn } from '../../src/config-service/document.ts';

function nested(levels: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < levels; level += 1) {
    value = [value];
  }
  return value;
}

describe('problemIn', () => {
  it('allows 32 levels and no more, however many there are', () => {
    expect(problemIn(nested(32))).toBeUndefined();
    expect(problemIn(nested(33))?.message).toBe('must not be nested deeper than 32 levels');
    expect(problemIn(nested(100_000))?.message).toBe('must not be nested deeper than 32 levels');
    expect(problemIn({ a: { b: null }, c: 'text' })).toBeUndefined();
  });

  it.each(['1e400', '-1e400', '9007199254740993', '[{ "deep": 123456789012345678901 }]'])(
    'refuses %s, which JavaScript would keep as another number',
    (text) => {
      expect(problemIn({ 'a/b': JSON.parse(text) })).toEqual({
        field: expect.stringMatching(/^\/values\/a~1b(?:\/0\/deep)?$/),
        message: 'must be a text: as a number it is too large to be kept exactly',
      });
    },
  );

  it('takes the numbers that are kept', () => {
    expect(problemIn([0, -1.5, 1e-9, 0.1, Number.MAX_SAFE_INTEGER, -Number.MAX_SAFE_INTEGER])).toBeUndefined();
  });
});
