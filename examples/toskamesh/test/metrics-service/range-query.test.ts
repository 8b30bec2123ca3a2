import { describe, expect, it } from 'vitest';
import { parseRange } from '../../src/metrics-service/range-parameters.ts';
import { increase, type QueryFunction, queryRange } from '../../src/metrics-service/range-query.ts';

/** Samples at every fifth second, from 0 on. */
const every5s = (...values: readonly number[]) => values.map((v, at) => ({ t: at * 5000, v }));

const query = (fn: QueryFunction, ...values: readonly number[]) =>
  queryRange(every5s(...values), { fromMs: 0, toMs: 20_000, stepMs: 10_000, fn });

describe('queryRange', () => {
  it('tells a counter’s growth a second, also across the edges of the steps', () => {
    expect(query('rate', 0, 10, 20, 30, 40)).toEqual([
      { t: 10_000, v: 2 },
      { t: 20_000, v: 2 },
    ]);
  });

  it('takes a counter that fell for one that began anew', () => {
    expect(query('rate', 100, 110, 5, 10, 20)).toEqual([
      { t: 10_000, v: 1.5 },
      { t: 20_000, v: 1.5 },
    ]);
  });

  it('tells average, most and last', () => {
    expect(query('avg', 0, 1, 2, 3, 8).map(({ v }) => v)).toEqual([1.5, 5.5]);
    expect(query('max', 0, 4, 2, 3, 1).map(({ v }) => v)).toEqual([4, 3]);
    expect(query('last', 0, 4, 2, 3, 1).map(({ v }) => v)).toEqual([2, 1]);
  });

  it('has no point where nothing was seen', () => {
    const samples = [
      { t: 1000, v: 1 },
      { t: 35_000, v: 2 },
    ];
    const range = { fromMs: 0, toMs: 40_000, stepMs: 10_000 };
    expect(queryRange(samples, { ...range, fn: 'last' }).map(({ t }) => t)).toEqual([10_000, 40_000]);
    expect(queryRange(samples, { ...range, fn: 'rate' })).toEqual([{ t: 40_000, v: 1 / 34 }]);
    expect(queryRange([], { ...range, fn: 'max' })).toEqual([]);
  });
});

it('adds up what a counter grew by', () => {
  expect(increase(every5s(5, 7, 7, 1, 3))).toBe(5);
  expect(increase(every5s(5))).toBe(0);
});

describe('parseRange', () => {
  const NOW = Date.parse('2026-01-31T12:00:00Z');

  it('is the whole window when nothing is said', () => {
    expect(parseRange({}, NOW, 900_000)).toEqual({ fromMs: NOW - 900_000, toMs: NOW, stepMs: 15_000, fn: 'last' });
  });

  it('takes ISO times and milliseconds', () => {
    const range = parseRange({ from: '2026-01-31T11:00:00Z', to: String(NOW), step: '60', fn: 'rate' }, NOW, 900_000);
    expect(range).toEqual({ fromMs: NOW - 3_600_000, toMs: NOW, stepMs: 60_000, fn: 'rate' });
  });

  it('names all that is wrong at once', () => {
    const errorsOf = (parameters: Parameters<typeof parseRange>[0]) => {
      try {
        parseRange(parameters, NOW, 900_000);
        return [];
      } catch (error) {
        return (error as { errors: readonly { field: string }[] }).errors.map(({ field }) => field);
      }
    };
    expect(errorsOf({ from: 'yesterday', to: '1', step: '0', fn: 'sum' })).toEqual(['from', 'step', 'fn']);
    expect(errorsOf({ from: String(NOW), to: String(NOW) })).toEqual(['from']);
    expect(errorsOf({ from: '0', step: '1' })).toEqual(['step']);
  });
});
