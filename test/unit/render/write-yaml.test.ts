import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { writeYaml } from '../../../src/render/write-yaml.ts';
import { createRandom, type Random } from '../random.ts';

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
    'nothing at a.c',
  );
  expect(() => writeYaml({ ...file, notes: [{ path: ['x'], place: 'beside', text: '' }] })).toThrow('nothing at x');
});

test('comments, empty lines and merged mappings stand where they are asked for', () => {
  const text = writeYaml({
    header: 'made\n\nby hand',
    data: { one: { '<<': { keep: 'a\n\n' }, ports: ['80:80'] }, two: { '<<': null, b: 1 } },
    notes: [
      { path: ['two'], place: 'above', text: 'like one' },
      { path: ['one', 'ports', 0], place: 'beside', text: 'http' },
    ],
    shared: [{ anchor: 'one', at: ['one', '<<'], aliases: [['two', '<<']] }],
    apart: [[], ['one']],
    oneEntryPerLine: new Set(['ports']),
  });
  expect(text).toMatchInlineSnapshot(`
    "# made
    #
    # by hand

    one:
      <<: &one
        keep: |+
          a

      ports:
        - "80:80" # http

    # like one
    two:
      <<: *one
      b: 1
    "
  `);
});

// What means something else in YAML, at the beginning, within or at the end of a word.
const PIECES =
  `a|B|é|🎉|1|0x1F|1e3|yes|null|~|.inf|=|2020-01-01|-|---|...|?|*|&|!|>|%|@|\`|'|"|\\|{|}|[|]|,|#|:|http://x:80/`
    .split('|')
    .concat(['|', ' ', '  ', ': ', ' #', '\t', '\n', '\n\n', '\r', '\u0000', '\u0085', '\u2028', '\ufeff']) as [
    string,
    ...string[],
  ];

function someText(random: Random): string {
  const text = Array.from({ length: random.upTo(6) - 1 }, () => random.pick(PIECES)).join('');
  return random.chance(0.05) ? text.padEnd(130, 'x') : text;
}

function someData(random: Random, depth: number): unknown {
  if (depth === 0 || random.chance(0.4)) {
    return random.chance(0.8) ? someText(random) : random.pick<unknown>([null, true, false, 0, -1, 1.5, 1e21]);
  }
  const children = Array.from({ length: random.upTo(5) - 1 }, () => someData(random, depth - 1));
  if (random.chance(0.5)) return children;
  return Object.fromEntries(children.map((child) => [random.chance(0.2) ? 'env' : someText(random), child]));
}

test.each(['1.1', '1.2'] as const)('whatever is written is read back the same by YAML %s', (version) => {
  for (let seed = 1; seed <= 2_000; seed++) {
    const random = createRandom(seed);
    const data = { a: someData(random, 3), b: someData(random, 2), [someText(random)]: someData(random, 1) };
    const text = write(data);
    expect(parse(text, { version }), text).toEqual(data);
  }
});
