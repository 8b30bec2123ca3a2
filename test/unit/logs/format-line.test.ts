import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createTextFormat,
  formatJson,
  type LogStyles,
  plainLogStyles,
  type TextFormatOptions,
} from '../../../src/logs/format-line.ts';
import { createRedactor } from '../../../src/logs/redact-secrets.ts';
import { entryOf, line } from './log-samples.ts';

const zone = process.env.TZ;
beforeAll(() => {
  process.env.TZ = 'Asia/Kolkata';
});
afterAll(() => {
  if (zone === undefined) delete process.env.TZ;
  else process.env.TZ = zone;
});

const marked: LogStyles = {
  colours: 'keep',
  service: (index, text) => `<${index}>${text}</>`,
  dim: (text) => `<dim>${text}</>`,
  red: (text) => `<red>${text}</>`,
  yellow: (text) => `<yellow>${text}</>`,
};

function formatOf(options: Partial<TextFormatOptions> = {}) {
  return createTextFormat({
    nodes: ['api', 'health-monitor'],
    prefix: 'node',
    time: 'clock',
    structured: 'fields',
    styles: plainLogStyles,
    ...options,
  });
}

describe('the text of an entry', () => {
  it('has the local time, the padded name and the text', () => {
    const format = formatOf();
    expect(format(entryOf(line('api', 44.12, 'GET /api/config 200 3 ms')))).toBe(
      '17:30:44.120 api            | GET /api/config 200 3 ms\n',
    );
    expect(format(entryOf(line('health-monitor', 44.5, 'ok')))).toBe('17:30:44.500 health-monitor | ok\n');
    expect(format(entryOf(line('api', 0, 'from the host', { at: '2026-11-24T12:03:44.1Z' })))).toMatch(
      /^17:33:44\.100 /,
    );
    expect(format(entryOf(line('api', 0, 'no time', { at: '' })))).toMatch(/^--:--:--\.--- api/);
  });

  it('repeats time and name on each line of an entry', () => {
    const format = formatOf();
    expect(format(entryOf(line('api', 1, 'Error: x'), line('api', 1.002, '    at y')))).toBe(
      '17:30:01.000 api            | Error: x\n17:30:01.000 api            |     at y\n',
    );
  });

  it('has the full stamp, or no prefix, when asked', () => {
    const entry = entryOf(line('api', 1, 'x'));
    expect(formatOf({ time: 'full' })(entry)).toBe('2026-11-24T12:00:01.000000000Z api            | x\n');
    expect(formatOf({ prefix: 'none' })(entry)).toBe('x\n');
  });

  it('tells replicas apart, and grows for a name that nobody announced', () => {
    const format = formatOf({ nodes: ['api'] });
    const nameOf = (node: string, replica: number) => format(entryOf(line(node, 1, 'x', { replica }))).slice(13);
    expect(nameOf('api', 1)).toBe('api | x\n');
    expect(nameOf('api', 2)).toBe('api-2 | x\n');
    expect(nameOf('api', 1)).toBe('api   | x\n');
  });

  it('colours a service by its place in the mesh, whichever are shown', () => {
    const format = formatOf({ nodes: ['api'], colourOrder: ['db', 'api'], styles: marked });
    expect(format(entryOf(line('api', 1, 'x')))).toBe('<dim>17:30:01.000</> <1>api |</> x\n');
    const stranger = format(entryOf(line('stranger', 1, 'x')));
    expect(format(entryOf(line('stranger', 1, 'x')))).toBe(stranger);
  });

  it('shows JSON as message and fields, with the level in colour', () => {
    const json = { level: 'error', time: 1, msg: 'bad thing', path: '/a b', status: 500, tags: ['x'], who: 'me' };
    const entry = entryOf(line('api', 1, JSON.stringify(json)));
    const rest = 'bad thing path="/a b" status=500 tags=["x"] who=me\n';
    expect(formatOf({ prefix: 'none' })(entry)).toBe(`error ${rest}`);
    expect(formatOf({ prefix: 'none', styles: marked })(entry)).toMatch(/^<red>error<\/> bad thing <dim>path=<\/>/);
    expect(formatOf({ prefix: 'none', structured: 'raw' })(entry)).toBe(`${JSON.stringify(json)}\n`);
  });

  it('shows the lines of a message and of an exception below it', () => {
    const json = JSON.stringify({ '@t': '1', '@m': 'two\nlines', '@x': 'E: x\r\n   at y\r\n' });
    expect(formatOf({ prefix: 'none' })(entryOf(line('api', 1, json)))).toBe('info two\n  lines\n  E: x\n     at y\n');
  });

  it('lets no control character through, not even out of JSON', () => {
    const evil = '\u001b[2J\u001b]0;x\u0007\r\u009b1A';
    const json = JSON.stringify({
      level: 'info',
      msg: evil,
      [evil]: evil,
      object: { evil },
      stack: evil,
      time: evil + 1,
    });
    for (const text of [evil, json]) {
      const shown = formatOf()(entryOf(line('api', 1, text)));
      expect(/\p{Cc}/u.test(shown.replaceAll('\n', ''))).toBe(false);
      expect(/\p{Cc}/u.test(formatJson(entryOf(line('api', 1, text))).trimEnd())).toBe(false);
    }
  });

  it('redacts what JSON had written in another form', () => {
    const text = '{"level":"info","msg":"p\\u0061ssword","a":"x p\\u0061ssword","b":["p\\u0061ssword"]}';
    const format = formatOf({ prefix: 'none', redact: createRedactor(['password']) });
    expect(format(entryOf(line('api', 1, text)))).toBe('info •••• a="x ••••" b=["••••"]\n');
  });
});

describe('formatJson', () => {
  it('is one object a line, each with its own time', () => {
    const entry = entryOf(line('api', 1, 'a "b"'), line('api', 1.5, ' c', { stream: 'stderr', replica: 2 }));
    expect(formatJson(entry)).toBe(
      '{"v":1,"at":"2026-11-24T12:00:01.000000000Z","node":"api","replica":1,"stream":"stdout","text":"a \\"b\\""}\n' +
        '{"v":1,"at":"2026-11-24T12:00:01.500000000Z","node":"api","replica":2,"stream":"stderr","text":" c"}\n',
    );
  });
});
