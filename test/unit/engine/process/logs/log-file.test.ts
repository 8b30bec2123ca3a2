import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openLogFile } from '../../../../../src/engine/process/logs/log-file.ts';
import { readLog } from '../../../../../src/engine/process/logs/read-log.ts';
import { createLineSplitter } from '../../../../../src/engine/process/logs/split-lines.ts';
import {
  createStamper,
  formatStored,
  parseStored,
  stampOf,
} from '../../../../../src/engine/process/logs/stored-line.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'mesh-log-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const at = (second: number) => `2026-01-01T00:00:${String(second).padStart(2, '0')}.000000000Z`;
const line = (second: number, text = `line ${second}`) => ({ at: at(second), stream: 'stdout' as const, text });
const texts = (lines: readonly { readonly text: string }[]) => lines.map(({ text }) => text);

describe('a log', () => {
  test('gives back what was written', () => {
    const log = openLogFile(folder);
    log.write([line(1), { ...line(2, ' a: b '), stream: 'stderr' }]);
    log.close();
    expect(readLog(folder, {})).toEqual([line(1), { ...line(2, ' a: b '), stream: 'stderr' }]);
  });

  test('goes on where it was after it was opened again', () => {
    openLogFile(folder).write([line(1)]);
    openLogFile(folder).write([line(2)]);
    expect(texts(readLog(folder, {}))).toEqual(['line 1', 'line 2']);
  });

  test('is cut to a window of time and to its last lines', () => {
    const log = openLogFile(folder);
    log.write([1, 2, 3, 4, 5].map((second) => line(second)));
    expect(texts(readLog(folder, { since: '2026-01-01T00:00:02Z', until: '2026-01-01T00:00:04Z' }))).toEqual([
      'line 2',
      'line 3',
      'line 4',
    ]);
    expect(texts(readLog(folder, { tail: 2 }))).toEqual(['line 4', 'line 5']);
    expect(texts(readLog(folder, { tail: 1, until: '2026-01-01T00:00:03.5Z' }))).toEqual(['line 3']);
    expect(readLog(folder, { tail: 0 })).toEqual([]);
  });

  test('never grows beyond its bounds, and keeps the newest lines', () => {
    const log = openLogFile(folder, { partBytes: 200, parts: 3 });
    for (let second = 0; second < 60; second++) log.write([line(second)]);
    expect(readdirSync(folder)).toHaveLength(3);
    const kept = texts(readLog(folder, {}));
    expect(kept.at(-1)).toBe('line 59');
    expect(kept.length).toBeLessThan(25);
    expect(texts(readLog(folder, { tail: 12 }))).toEqual(kept.slice(-12));
  });

  test('is read up to a position, wherever the writing has got to since', () => {
    const log = openLogFile(folder, { partBytes: 200, parts: 9 });
    for (let second = 0; second < 12; second++) log.write([line(second)]);
    const position = log.position();
    for (let second = 12; second < 30; second++) log.write([line(second)]);
    expect(texts(readLog(folder, {}, position)).at(-1)).toBe('line 11');
  });
});

describe('stamps', () => {
  test('never repeat within a millisecond, and have nine digits', () => {
    const stamp = createStamper(() => Date.UTC(2026, 0, 1) + 5);
    expect([stamp(), stamp()]).toEqual(['2026-01-01T00:00:00.005000000Z', '2026-01-01T00:00:00.005000001Z']);
  });

  test.each([
    ['2026-01-01T00:00:00Z', '2026-01-01T00:00:00.000000000Z'],
    ['2026-01-01T01:00:00.123456789+01:00', '2026-01-01T00:00:00.123456789Z'],
    ['no time', undefined],
  ])('%s as a stamp', (iso, stamp) => expect(stampOf(iso)).toBe(stamp));

  test('half a line, as a full disk leaves it, is no line', () => {
    const whole = formatStored(line(1));
    expect(parseStored(whole.trimEnd())).toEqual(line(1));
    expect(parseStored(whole.slice(0, 20))).toBeUndefined();
  });
});

describe('lines', () => {
  test('are put together from pieces, also of one character', () => {
    const splitter = createLineSplitter();
    const bytes = Buffer.from('grün\r\nblau\n\nrot');
    const lines = [...bytes].flatMap((byte) => splitter.push(Buffer.from([byte])));
    expect([...lines, ...splitter.end()]).toEqual(['grün', 'blau', '', 'rot']);
  });

  test('without an end are handed on in pieces', () => {
    const splitter = createLineSplitter(4);
    expect([...splitter.push(Buffer.from('abcdefghij')), ...splitter.end()]).toEqual(['abcd', 'efgh', 'ij']);
  });
});
