import { describe, expect, it } from 'vitest';
import { formatDuration, formatSeconds, parseDuration } from '../../../src/time/duration.ts';

describe('parseDuration', () => {
  it.each([
    ['500ms', 500],
    ['30s', 30_000],
    ['1m30s', 90_000],
    ['1.5s', 1500],
    ['2h', 7_200_000],
    ['1d', 86_400_000],
    [' 5s ', 5000],
    ['0', 0],
    ['0s', 0],
  ])('%s is %d ms', (text, milliseconds) => {
    expect(parseDuration(text)).toBe(milliseconds);
  });

  it.each(['', '5', '-1s', 's', '1 s', '5sec', '1s 2m', '1e3s', '1..5s', '٣s', '5S'])('%j is none', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });
});

describe('formatDuration', () => {
  it.each([
    [0, '0s'],
    [250, '250ms'],
    [30_000, '30s'],
    [90_000, '1m30s'],
    [3_600_000, '1h'],
    [86_400_000, '24h'],
    [3_661_001, '1h1m1s1ms'],
  ])('%d ms is %s', (milliseconds, text) => {
    expect(formatDuration(milliseconds)).toBe(text);
    expect(parseDuration(text)).toBe(milliseconds);
  });

  it('knows no fraction of a millisecond', () => {
    expect(formatDuration(0.2)).toBe('0s');
    expect(formatDuration(1.6)).toBe('2ms');
  });
});

it('formatSeconds is what people read', () => {
  expect([0, 49, 50, 3400, 61_000].map(formatSeconds)).toEqual(['0.0 s', '0.0 s', '0.1 s', '3.4 s', '61.0 s']);
});
