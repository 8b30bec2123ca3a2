import stripAnsi from 'strip-ansi';
import { expect, test } from 'vitest';
import type { Diagnostic } from '../../../src/diagnostics/diagnostic.ts';
import { InvalidInput, MeshError } from '../../../src/diagnostics/mesh-error.ts';
import { exitCodeOf, problemLines, renderProblem } from '../../../src/report/problem.ts';
import { createStyles } from '../../../src/report/styles.ts';

const TEXT = 'services:\n  api: { image: "^x^" }\n  web: { imaeg: y }\n';
const SOURCES = new Map([['mesh.yaml', { file: 'mesh.yaml', text: TEXT }]]);

function at(line: number, column: number, endColumn: number) {
  return { file: 'mesh.yaml', line, column, endLine: line, endColumn };
}

const BAD_VALUE: Diagnostic = {
  code: 'MESH1101',
  severity: 'error',
  message: 'services.api.image: expected an image, got "^x^"',
  location: at(2, 17, 22),
  hint: 'such as postgres:16',
};
const UNKNOWN_KEY: Diagnostic = {
  code: 'MESH1102',
  severity: 'error',
  message: 'services.web.imaeg: unknown key',
  location: at(3, 10, 15),
  hint: 'did you mean "image"?',
};
const NO_PLACE: Diagnostic = { code: 'MESH1001', severity: 'error', message: 'no mesh.yaml here', hint: 'make one' };

function render(error: unknown, color = false): string {
  return renderProblem(error, { styles: createStyles({ color }), version: '0.1.0' });
}

test('every problem of a manifest, then how many there are', () => {
  expect(render(new InvalidInput([BAD_VALUE, UNKNOWN_KEY], SOURCES))).toMatchInlineSnapshot(`
    "mesh.yaml:2:17 error MESH1101 services.api.image: expected an image, got "^x^"
      1 | services:
      2 |   api: { image: "^x^" }
        |                 ^^^^^  hint: such as postgres:16

    mesh.yaml:3:10 error MESH1102 services.web.imaeg: unknown key
      2 |   api: { image: "^x^" }
      3 |   web: { imaeg: y }
        |          ^^^^^  hint: did you mean "image"?
    2 problems in mesh.yaml
    "
  `);
});

test('a problem without a place', () => {
  expect(render(new InvalidInput([NO_PLACE]))).toMatchInlineSnapshot(`
    "error MESH1001 no mesh.yaml here
      hint: make one
    "
  `);
});

test('the world failed: what, where, and what to do', () => {
  const error = new MeshError('cannot reach Docker at /var/run/docker.sock', {
    code: 'MESH2001',
    hint: 'start it',
    exitCode: 3,
  });
  expect(render(error)).toMatchInlineSnapshot(`
    "✘ cannot reach Docker at /var/run/docker.sock (MESH2001)
      do    start it
    "
  `);
  expect(render(new MeshError('cannot read it', { code: 'MESH1007', location: at(2, 3, 6) }))).toMatchInlineSnapshot(`
    "✘ cannot read it (MESH1007)
      from  mesh.yaml:2:3
    "
  `);
});

test('a bug shows its stack, the version and where to go', () => {
  const bug = new TypeError('x is not a function');
  bug.stack = 'TypeError: x is not a function\n    at run (mesh.js:1:1)';
  expect(render(bug)).toMatchInlineSnapshot(`
    "✘ this is a bug in mesh 0.1.0, not something you did (MESH9001)

    TypeError: x is not a function
        at run (mesh.js:1:1)

      do    report it with the lines above and the command that you ran
    "
  `);
  expect(render('a string was thrown')).toContain('a string was thrown');
});

test.each([
  ['invalid input', new InvalidInput([BAD_VALUE, UNKNOWN_KEY, NO_PLACE], SOURCES)],
  ['an error of the world', new MeshError('no', { code: 'MESH2001', hint: 'yes', location: at(1, 1, 2) })],
  ['a bug', new Error('oh')],
])('colour only adds: %s', (_name, error) => {
  const coloured = render(error, true);
  expect(coloured).not.toBe(stripAnsi(coloured));
  expect(stripAnsi(coloured)).toBe(render(error));
});

test('only the marker is painted, not a ^ of the manifest', () => {
  const red = createStyles({ color: true }).red('^^^^^');
  const lines = render(new InvalidInput([BAD_VALUE], SOURCES), true).split('\n');
  expect(lines.filter((line) => line.includes(red))).toHaveLength(1);
  expect(lines.find((line) => line.includes('"^x^" }'))).toBe('  2 |   api: { image: "^x^" }');
});

test('for scripts, one line a problem', () => {
  expect(problemLines(new InvalidInput([BAD_VALUE, NO_PLACE], SOURCES))).toMatchInlineSnapshot(`
    [
      "{"v":1,"type":"problem","code":"MESH1101","message":"services.api.image: expected an image, got \\"^x^\\"","file":"mesh.yaml","line":2,"column":17,"hint":"such as postgres:16"}",
      "{"v":1,"type":"problem","code":"MESH1001","message":"no mesh.yaml here","hint":"make one"}",
    ]
  `);
  expect(problemLines(new MeshError('no', { code: 'MESH2001', hint: 'yes' }))).toMatchInlineSnapshot(`
    [
      "{"v":1,"type":"problem","code":"MESH2001","message":"no","hint":"yes"}",
    ]
  `);
  expect(problemLines(new Error('oh'))).toMatchInlineSnapshot(`
    [
      "{"v":1,"type":"problem","code":"MESH9001","message":"oh","hint":"report it"}",
    ]
  `);
});

test('exit codes', () => {
  expect(exitCodeOf(new InvalidInput([NO_PLACE]))).toBe(2);
  expect(exitCodeOf(new MeshError('no', { code: 'MESH2001', exitCode: 3 }))).toBe(3);
  expect(exitCodeOf(new MeshError('no', { code: 'MESH2003' }))).toBe(1);
  expect(exitCodeOf(new Error('oh'))).toBe(70);
  expect(exitCodeOf(undefined)).toBe(70);
});

test('what an engine said cannot move the cursor; its lines stay lines', () => {
  const error = new MeshError('docker said:\r\n  no \u001b[2J\u001b[31msuch image', {
    code: 'MESH2006',
    hint: 'a\tb\u0007',
  });
  expect(render(error)).toMatchInlineSnapshot(`
    "✘ docker said:
      no ␛[2Jsuch image (MESH2006)
      do    a	b␇
    "
  `);
});
