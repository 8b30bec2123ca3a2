import { describe, expect, it } from 'vitest';
import { parseLogTime, sortableTime } from '../../../src/logs/log-time.ts';

const now = new Date(2026, 10, 24, 15, 30, 0);
const local = (hour: number, minute: number, second = 0, ms = 0) =>
  new Date(2026, 10, 24, hour, minute, second, ms).toISOString();

describe('parseLogTime', () => {
  it.each([
    ['10m', local(15, 20)],
    ['1h30m', local(14, 0)],
    ['0', new Date(0).toISOString()],
    ['12:03', local(12, 3)],
    ['9:03', local(9, 3)],
    ['12:03:44', local(12, 3, 44)],
    ['12:03:44.12', local(12, 3, 44, 120)],
    ['2026-11-24T12:00:00Z', '2026-11-24T12:00:00.000Z'],
    ['2026-11-24t12:00:00z', '2026-11-24T12:00:00.000Z'],
    ['2026-11-24T12:00:00+02:00', '2026-11-24T10:00:00.000Z'],
    ['2026-11-24T12:00:00.123456789Z', '2026-11-24T12:00:00.123456789Z'],
    ['2026-11-24T12:00:00.5Z', '2026-11-24T12:00:00.500Z'],
    ['2026-11-24T12:03:44', local(12, 3, 44)],
    ['2026-11-24 12:03', local(12, 3)],
    ['2026-11-24', local(0, 0)],
    ['1795521600', '2026-11-24T12:00:00.000Z'],
    [' 1795521600.25 ', '2026-11-24T12:00:00.250Z'],
  ])('%s', (text, expected) => {
    expect(parseLogTime(text, now)).toBe(expected);
  });

  it.each([
    '',
    'soon',
    '10 minutes',
    '25:00',
    '12:60',
    '12:3',
    '2026-02-30',
    '2026-13-01',
    '2026-11-24T24:01:00Z',
    '-5m',
    '9'.repeat(40),
  ])('has no time for %j', (text) => {
    expect(parseLogTime(text, now)).toBeUndefined();
  });
});

describe('sortableTime', () => {
  it.each([
    ['2026-11-24T12:00:00.123456789Z', '2026-11-24T12:00:00.123456789Z'],
    ['2026-11-24T12:00:00.120Z', '2026-11-24T12:00:00.120000000Z'],
    ['2026-11-24T12:00:00Z', '2026-11-24T12:00:00.000000000Z'],
    ['2026-11-24T13:00:00.123456789+01:00', '2026-11-24T12:00:00.123456789Z'],
    ['', ''],
    ['no time', ''],
  ])('%s', (at, expected) => {
    expect(sortableTime(at)).toBe(expected);
  });
});
