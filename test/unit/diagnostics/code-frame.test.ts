import { describe, expect, it } from 'vitest';
import { renderCodeFrame, renderDiagnostic } from '../../../src/diagnostics/code-frame.ts';
import { type Diagnostic, sortDiagnostics } from '../../../src/diagnostics/diagnostic.ts';
import type { Location } from '../../../src/diagnostics/location.ts';

const source = (text: string) => ({ file: 'mesh.yaml', text });

function at(line: number, column: number, endColumn = column + 1, endLine = line): Location {
  return { file: 'mesh.yaml', line, column, endLine, endColumn };
}

describe('renderCodeFrame', () => {
  it('marks the part, under the line before it', () => {
    expect(renderCodeFrame(source('a: 1\nbb: 22\nc: 3\n'), at(2, 5, 7), 'hint: no')).toBe(
      ['  1 | a: 1', '  2 | bb: 22', '    |     ^^  hint: no'].join('\n'),
    );
  });

  it('leaves out an empty line before it, and has none before the first', () => {
    expect(renderCodeFrame(source('a: 1\n  \nb: 2\n'), at(3, 1))).toBe(['  3 | b: 2', '    | ^'].join('\n'));
    expect(renderCodeFrame(source('a: 1'), at(1, 4))).toBe(['  1 | a: 1', '    |    ^'].join('\n'));
  });

  it('marks the rest of the line of a part that goes on below', () => {
    expect(renderCodeFrame(source('a:\n  b: 1\n  c: 2\n'), at(2, 3, 7, 3))).toBe(
      ['  1 | a:', '  2 |   b: 1', '    |   ^^^^'].join('\n'),
    );
  });

  it('marks one column at the end of a line, of a file, and of nothing', () => {
    expect(renderCodeFrame(source('a:'), at(1, 3, 3))).toBe(['  1 | a:', '    |   ^'].join('\n'));
    expect(renderCodeFrame(source(''), at(1, 1, 1))).toBe(['  1 |', '    | ^'].join('\n'));
  });

  it('keeps the gutter straight where the numbers grow', () => {
    const text = Array.from({ length: 100 }, (_, index) => `k${index}: v`).join('\n');
    expect(renderCodeFrame(source(text), at(100, 1, 4))).toBe(
      ['   99 | k98: v', '  100 | k99: v', '      | ^^^'].join('\n'),
    );
  });

  it('stands under what it marks behind tabs and wide letters', () => {
    expect(renderCodeFrame(source('\tx: y'), at(1, 2))).toBe('  1 | \tx: y\n    | \t^');
    expect(renderCodeFrame(source('日本: x'), at(1, 5))).toBe('  1 | 日本: x\n    | \u3000\u3000  ^');
    expect(renderCodeFrame(source('日本: x'), at(1, 1, 3))).toBe('  1 | 日本: x\n    | ^^^^');
  });

  it('shows what a terminal would obey', () => {
    expect(renderCodeFrame(source('a: \u001b[2Jx'), at(1, 4))).toBe('  1 | a: \ufffd[2Jx\n    |    ^');
  });

  it('cuts a long line around the part and keeps the note', () => {
    const long = `${'a'.repeat(300)}BAD${'z'.repeat(300)}`;
    const frame = renderCodeFrame(source(`short\n${long}`), at(2, 301, 304), 'hint: a long one that must not be cut');
    const [shown = '', marker = ''] = frame.split('\n');
    expect(frame.split('\n')).toHaveLength(2);
    expect(shown).toMatch(/^ {2}2 \| …a+BADz+…$/);
    expect(shown.length).toBeLessThan(120);
    expect(marker.indexOf('^')).toBe(shown.indexOf('BAD'));
    expect(marker).toMatch(/\^{3} {2}hint: a long one that must not be cut$/);
  });

  it('takes CRLF', () => {
    expect(renderCodeFrame(source('a: 1\r\nb: 2\r\n'), at(2, 4, 9))).toBe('  1 | a: 1\n  2 | b: 2\n    |    ^');
  });
});

describe('renderDiagnostic', () => {
  const problem: Diagnostic = { code: 'MESH1101', severity: 'error', message: 'a: no', location: at(1, 4), hint: 'do' };
  const sources = new Map([['mesh.yaml', source('a: 1\n')]]);

  it('begins with a place that editors can follow', () => {
    expect(renderDiagnostic(problem, sources)).toBe(
      ['mesh.yaml:1:4 error MESH1101 a: no', '  1 | a: 1', '    |    ^  hint: do'].join('\n'),
    );
  });

  it('does without the source, the place and the hint', () => {
    expect(renderDiagnostic(problem, new Map())).toBe('mesh.yaml:1:4 error MESH1101 a: no\n  hint: do');
    expect(renderDiagnostic({ ...problem, location: undefined }, sources)).toBe('error MESH1101 a: no\n  hint: do');
    expect(renderDiagnostic({ ...problem, location: undefined, hint: undefined }, sources)).toBe(
      'error MESH1101 a: no',
    );
  });

  it('ends with the other places', () => {
    const related = [{ message: 'first `a`', location: at(1, 1) }];
    expect(renderDiagnostic({ ...problem, related }, sources)).toMatch(/\n {2}mesh.yaml:1:1 first `a`$/);
  });
});

describe('sortDiagnostics', () => {
  const make = (message: string, location?: Location): Diagnostic => ({
    code: 'MESH1101',
    severity: 'error',
    message,
    location,
  });

  it('sorts by place, what has none first, and says what is inherited once', () => {
    const sorted = sortDiagnostics([
      make('services.b: x', at(2, 1)),
      make('z'),
      make('services.a: x', at(1, 9)),
      make('services.c: x', at(2, 1)),
    ]);
    expect(sorted.map((diagnostic) => diagnostic.message)).toEqual(['z', 'services.a: x', 'services.b: x']);
  });

  it('gives the same order whatever the order was', () => {
    const some = [make('b', at(1, 1)), make('a', at(1, 1, 5)), make('c', at(3, 1)), make('d')];
    expect(sortDiagnostics([...some].reverse())).toEqual(sortDiagnostics(some));
  });
});
