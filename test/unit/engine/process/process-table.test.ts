import { describe, expect, test } from 'vitest';
import {
  identify,
  isAlive,
  parseProcStat,
  parsePsLine,
  readProcess,
} from '../../../../src/engine/process/state/process-table.ts';

describe('parseProcStat', () => {
  const stat = (name: string, state: string) =>
    `42 (${name}) ${state} 7 40 39 0 -1 4194304 1 2 3 4 150 50 0 0 20 0 11 0 987654 1234567 2000 18446744073709551615 1`;

  test('reads what identifies a process and what it uses', () => {
    expect(parseProcStat(stat('node', 'S'), 'boot')).toEqual({
      pid: 42,
      parent: 7,
      group: 40,
      zombie: false,
      cpuMs: 2000,
      memory: 2000 * 4096,
      startedAt: 'boot/987654',
    });
  });

  test('a name with brackets and blanks does not move the fields', () => {
    expect(parseProcStat(stat('a) R 1 (b', 'Z'), 'boot')).toMatchObject({ pid: 42, parent: 7, zombie: true });
  });

  test.each(['', 'nonsense', '42 (node) S 7'])('%j is no process', (text) => {
    expect(parseProcStat(text, 'boot')).toBeUndefined();
  });
});

describe('parsePsLine', () => {
  test('reads the columns that ps is asked for', () => {
    expect(parsePsLine('  42     7    40 Ss    2048   1:02.50 Tue Nov 24 12:00:00 2026')).toEqual({
      pid: 42,
      parent: 7,
      group: 40,
      zombie: false,
      memory: 2048 * 1024,
      cpuMs: 62_500,
      startedAt: 'Tue Nov 24 12:00:00 2026',
    });
  });

  test('an empty line is no process', () => expect(parsePsLine('')).toBeUndefined());
});

describe('this very process', () => {
  test('is alive under its start time and under no other', () => {
    const own = identify(process.pid);
    expect(own).toBeDefined();
    if (own === undefined) return;
    expect(isAlive(own)).toBe(true);
    expect(isAlive({ ...own, startedAt: 'another time' })).toBe(false);
    expect(readProcess(process.pid)?.memory).toBeGreaterThan(1_000_000);
  });
});
