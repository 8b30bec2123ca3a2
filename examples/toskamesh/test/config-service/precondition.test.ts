import { describe, expect, it } from 'vitest';
import { isMet, parseConditions } from '../../src/config-service/precondition.ts';

const met = (headers: Record<string, string>, current: number | undefined) => isMet(parseConditions(headers), current);

describe('a condition', () => {
  it.each([
    [{}, 7, true],
    [{}, undefined, true],
    [{ 'if-match': '"7"' }, 7, true],
    [{ 'if-match': '"6"' }, 7, false],
    [{ 'if-match': '"5", "7"' }, 7, true],
    [{ 'if-match': '"7"' }, undefined, false],
    [{ 'if-match': '*' }, 7, true],
    [{ 'if-match': '*' }, undefined, false],
    // What a proxy that compresses makes of a tag proves nothing.
    [{ 'if-match': 'W/"7"' }, 7, false],
    [{ 'if-none-match': '*' }, 7, false],
    [{ 'if-none-match': '*' }, undefined, true],
    [{ 'if-none-match': '"7"' }, 7, false],
    [{ 'if-none-match': 'W/"7"' }, 7, false],
    [{ 'if-none-match': '"6"' }, 7, true],
    [{ 'if-match': '"7"', 'if-none-match': '*' }, 7, false],
  ])('%j on version %s is %s', (headers: Record<string, string>, current, expected) => {
    expect(met(headers, current)).toBe(expected);
  });

  it.each(['7', '', '"7', '"7" "8"', '*, "7"', '"7",'])('%j is no list of versions', (text) => {
    expect(() => parseConditions({ 'if-match': text })).toThrow('the header if-match is not as expected');
  });
});
