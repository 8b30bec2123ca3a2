import { expect, test } from 'vitest';
import { oneLine } from '../../../src/report/one-line.ts';

test.each([
  ['plain', 'plain'],
  ['two\n  lines\r\nand more\n', 'two lines and more'],
  ['\u001b[31mred\u001b[0m', 'red'],
  ['\u001b[2J\u0007', '␛[2J␇'],
  ['a\tb', 'a  b'],
  ['', ''],
])('%j is shown as %j', (text, shown) => {
  expect(oneLine(text)).toBe(shown);
});
