import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { writeYaml } from '../../../src/render/write-yaml.ts';

const write = (data: object) =>
  writeYaml({ header: 'made', data, notes: [], shared: [], apart: [[]], oneEntryPerLine: new Set(['env']) });

test('words that YAML 1.1 takes for numbers, dates and booleans stay text', () => {
  const env = {
    a: '1_000',
    b: '2020-01-01',
    c: 'yes',
    d: 'No',
    e: '0777',
    f: '0x1F',
    g: '1e3',
    h: '5010:80',
    i: '1.5',
    j: 'y',
  };
  const text = write({ env });
  for (const value of Object.values(env)) expect(text).toContain(`"${value}"`);
  expect(parse(text, { version: '1.1' })).toEqual({ env });
});

test('text that only looks a little like a number has no quotes', () => {
  expect(write({ env: { a: '30s', b: '512M', c: 'http://+:80' } })).toBe(
    '# made\n\nenv:\n  a: 30s\n  b: 512M\n  c: http://+:80\n',
  );
});

test('what parsers may read differently inside brackets has quotes', () => {
  expect(write({ test: ['CMD', 'grep', ':2134 0+', '{x}', 'a, b', '"q" \\d'] })).toBe(
    `# made\n\ntest: [ CMD, grep, ":2134 0+", "{x}", "a, b", '"q" \\d' ]\n`,
  );
});

test('a text of several lines is a literal block, and nothing is folded', () => {
  const long = `${'word '.repeat(60)}end`;
  expect(write({ env: { script: 'a: 1\n\n  b # c\n', long } })).toBe(
    `# made\n\nenv:\n  script: |\n    a: 1\n\n      b # c\n  long: ${long}\n`,
  );
});

test.each([
  '',
  ' ',
  '#',
  'a: b',
  "it's",
  '- x',
  '*a',
  '&a',
  '!a',
  '%a',
  '@a',
  '`a',
  '\ttab',
  'null',
  '~',
  '<<',
  'a\u0000b',
  'ünïcödé 🎉',
  'trailing ',
  'x\r\ny',
])('reads back what was written: %j', (value) => {
  expect(parse(write({ env: { value }, list: [value, value] }))).toEqual({ env: { value }, list: [value, value] });
});

test('a note on something that is not there is our bug', () => {
  const file = { header: '', data: { a: { b: 1 } }, shared: [], apart: [], oneEntryPerLine: new Set<string>() };
  expect(() => writeYaml({ ...file, notes: [{ path: ['a', 'c'], place: 'above', text: '' }] })).toThrow(
    'no key at a.c',
  );
  expect(() => writeYaml({ ...file, notes: [{ path: ['x'], place: 'beside', text: '' }] })).toThrow('nothing at x');
});
