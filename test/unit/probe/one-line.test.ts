import { describe, expect, it } from 'vitest';
import { LONGEST_TEXT, oneLine } from '../../../src/probe/one-line.ts';

describe('oneLine', () => {
  it.each([
    ['  a\r\n\tb  ', 'a b'],
    ['\u001b[1;31mred\u001b[0m', 'red'],
    ['a\u0000b\u0007c\u007fd\u009be', 'abcde'],
    ['safe\u202egpj.exe', 'safegpj.exe'],
    ['', ''],
  ])('%j becomes %j', (text, line) => {
    expect(oneLine(text)).toBe(line);
  });

  it('counts characters, not halves of them', () => {
    expect(oneLine('🙂'.repeat(LONGEST_TEXT))).toBe('🙂'.repeat(LONGEST_TEXT));
    expect(oneLine('🙂'.repeat(LONGEST_TEXT + 1))).toBe(`${'🙂'.repeat(LONGEST_TEXT)}…`);
  });
});
