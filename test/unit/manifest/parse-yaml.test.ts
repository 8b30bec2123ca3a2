import { describe, expect, it } from 'vitest';
import { formatLocation } from '../../../src/diagnostics/location.ts';
import { parseYaml } from '../../../src/manifest/parse-yaml.ts';
import { placeOf, toPlain } from '../../../src/manifest/tree.ts';
import { treeOf } from './tree-of.ts';

const problemsOf = (text: string) =>
  parseYaml({ file: 'f', text }).diagnostics.map(({ code, location, message }) =>
    [code, location === undefined ? '' : formatLocation(location), message].join(' '),
  );

describe('parseYaml', () => {
  it('expands aliases, each with the anchor that stood before it', () => {
    expect(toPlain(treeOf('a: &x 1\nb: *x\nc: &x 2\nd: [*x, *x]\n'))).toEqual({ a: 1, b: 1, c: 2, d: [2, 2] });
    expect(toPlain(treeOf('a: &x { k: &y 1 }\nb: &y 2\nc: *x\nd: *y\n'))).toMatchObject({ c: { k: 1 }, d: 2 });
  });

  it('merges maps, and what is written beside them wins', () => {
    const text = 'a: &a { x: 1, y: 1 }\nb: &b { y: 2, z: 2 }\nc: { <<: [*a, *b], x: 3 }\n';
    expect(toPlain(treeOf(text))).toMatchObject({ c: { x: 3, y: 1, z: 2 } });
  });

  it('reads YAML 1.2: yes and 0o17 are what they look like', () => {
    expect(toPlain(treeOf('[yes, no, on, 017, 0o17, 1_000, 2020-01-01, 1.0, .5, ~, true]'))).toEqual([
      'yes',
      'no',
      'on',
      17,
      15,
      '1_000',
      '2020-01-01',
      1,
      0.5,
      null,
      true,
    ]);
  });

  it('keeps places right behind CRLF, tabs and letters of two units', () => {
    expect(placeOf(treeOf('a: 1\r\nb:\t"🎉"\r\n'), ['b'])).toMatchObject({ line: 2, column: 4, endColumn: 8 });
  });

  it('keeps the lines right behind an error', () => {
    expect(problemsOf('a: {x\nb: 1\nc: 2\nd: "\n')).toContain(
      'f:5:1 MESH1002 missing closing double quote'.replace(/^(\S+) (\S+)/, '$2 $1'),
    );
  });

  it('refuses a file that would overflow a stack, whichever way it nests', () => {
    for (const opening of ['[', '{a: ', '- ', '? ', '- ? ', '[a, ', '{? ', '- [']) {
      for (const count of [100, 100_000]) {
        expect(problemsOf(opening.repeat(count))[0]).toMatch(/^MESH1002 f:1:\d+ nests deeper than 64 levels$/);
      }
    }
    const staircase = Array.from({ length: 2000 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n');
    expect(problemsOf(staircase)[0]).toMatch(/^MESH1002 f:\d+:\d+ nests deeper than 64 levels$/);
  });

  it('takes what only looks deep', () => {
    const text = [
      `line: ${'-'.repeat(200)}`,
      'block: |',
      `  ${'- '.repeat(100)}`,
      `  ${'{['.repeat(100)}`,
      `  ${' '.repeat(600)}x`,
      `flow: {${'a: 1, '.repeat(0)}${Array.from({ length: 200 }, (_, index) => `k${index}: 1`).join(', ')}}`,
    ];
    expect(Object.keys(toPlain(treeOf(text.join('\n'))) as object)).toEqual(['line', 'block', 'flow']);
  });

  it('expands a great many honest aliases', () => {
    const text = `x: &x { a: 1, b: 2 }\nall: [${'*x, '.repeat(10_000)}]\n`;
    expect(treeOf(text)).toMatchObject({ kind: 'map' });
  });
});
