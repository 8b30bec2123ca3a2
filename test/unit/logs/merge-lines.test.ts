import { describe, expect, it } from 'vitest';
import type { LogEntry } from '../../../src/logs/log-entry.ts';
import { createLineMerge, type MergeOptions } from '../../../src/logs/merge-lines.ts';
import { createFakeLogClock } from './fake-log-clock.ts';
import { line, stamp, summary } from './log-samples.ts';

function mergeOf(options: Partial<MergeOptions> = {}) {
  const clock = createFakeLogClock();
  const entries: LogEntry[] = [];
  const merge = createLineMerge({ mode: 'once', clock, onEntries: (some) => entries.push(...some), ...options });
  return { clock, entries, merge, shown: () => summary(entries) };
}

/** mulberry32: a small generator with a seed, so that a failure can be repeated. */
function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

describe('merging once', () => {
  it('puts the lines of all sources in the order of time', () => {
    const { merge, shown } = mergeOf();
    merge.push(line('api', 1, 'one'));
    merge.push(line('api', 3, 'three'));
    merge.push(line('db', 0, 'zero'));
    merge.push(line('db', 2, 'two', { stream: 'stderr' }));
    expect(shown()).toEqual([]);
    merge.end();
    expect(shown()).toEqual(['db: zero', 'api: one', 'db: two', 'api: three']);
  });

  it('gives the sorted order for any way in which sources arrive', () => {
    for (let seed = 1; seed <= 50; seed++) {
      const random = randomOf(seed);
      const sources = Array.from({ length: 1 + random(9) }, (_, source) =>
        Array.from({ length: random(40) }, () => random(30))
          .sort((a, b) => a - b)
          .map((seconds, index) => line(`s${source}`, seconds, `${seconds} ${index}`)),
      );
      const { merge, entries } = mergeOf();
      const total = sources.flat().length;
      for (let pushed = 0; pushed < total; ) {
        const next = sources[random(sources.length)]?.shift();
        if (next === undefined) continue;
        merge.push(next);
        pushed++;
      }
      merge.end();
      const times = entries.map((entry) => entry.at);
      expect(times).toEqual([...times].sort());
      expect(entries).toHaveLength(total);
      for (let source = 0; source < 10; source++) {
        const own = entries
          .filter((entry) => entry.node === `s${source}`)
          .map((entry) => Number(entry.lines[0]?.text.split(' ')[1]));
        expect(own).toEqual([...own].sort((a, b) => a - b));
      }
    }
  });

  it('compares times of different precision', () => {
    const { merge, shown } = mergeOf();
    merge.push(line('host', 0, 'second', { at: '2026-11-24T12:00:00.120Z' }));
    merge.push(line('api', 0, 'third', { at: '2026-11-24T12:00:00.120000001Z' }));
    merge.push(line('db', 0, 'first', { at: '2026-11-24T13:00:00.119999999+01:00' }));
    merge.end();
    expect(shown()).toEqual(['db: first', 'host: second', 'api: third']);
  });

  it('keeps the order of equal times, and never reorders a source against itself', () => {
    const { merge, shown } = mergeOf();
    merge.push(line('b', 1, '1'));
    merge.push(line('a', 1, '2'));
    merge.push(line('b', 1, '3'));
    merge.push(line('b', 0, 'its clock went back'));
    merge.push(line('b', 0, 'no time', { at: '' }));
    merge.end();
    expect(shown()).toEqual(['b: 1', 'a: 2', 'b: 3', 'b: its clock went back', 'b: no time']);
  });

  it('keeps a stack trace together, under the time of its head', () => {
    const { merge, entries, shown } = mergeOf();
    merge.push(line('api', 1, 'Error: x', { stream: 'stderr' }));
    merge.push(line('api', 1.1, '    at f (a.js:1:1)', { stream: 'stderr' }));
    merge.push(line('api', 1.05, 'GET /', {}));
    merge.push(line('db', 1.02, 'ready'));
    merge.end();
    expect(shown()).toEqual(['api: Error: x', 'api:     at f (a.js:1:1)', 'db: ready', 'api: GET /']);
    expect(entries[0]?.at).toBe(stamp(1));
  });

  it('does not join an indented line to what was said long before', () => {
    const { merge, shown } = mergeOf();
    merge.push(line('api', 1, 'listening'));
    merge.push(line('api', 60, '  indented'));
    merge.push(line('db', 30, 'ready'));
    merge.end();
    expect(shown()).toEqual(['api: listening', 'db: ready', 'api:   indented']);
  });

  it('hands on the oldest when more is held than it may', () => {
    const { merge, shown } = mergeOf({ maxHeld: 10_000 });
    for (let index = 0; index < 100; index++) {
      merge.push(line('api', index, `${index}`));
      merge.push(line('db', index + 0.5, `${index}.5`));
    }
    expect(shown().length).toBeGreaterThan(100);
    merge.end();
    expect(shown()).toHaveLength(200);
    expect(shown()).toEqual([...shown()].sort((a, b) => Number(a.split(': ')[1]) - Number(b.split(': ')[1])));
  });

  it('splits an entry that never ends', () => {
    const { merge, entries } = mergeOf();
    for (let index = 0; index < 2500; index++) merge.push(line('api', 1 + index / 1e6, ` ${index}`));
    merge.end();
    expect(entries.map((entry) => [entry.lines.length, entry.part])).toEqual([
      [1000, 'whole'],
      [1000, 'rest'],
      [500, 'rest'],
    ]);
  });
});

describe('following', () => {
  it('waits 100 ms for slower sources, and then shows in order', () => {
    const { clock, merge, shown } = mergeOf({ mode: 'follow' });
    merge.push(line('api', 2, 'later'));
    clock.advance(99);
    expect(shown()).toEqual([]);
    merge.push(line('db', 1, 'sooner'));
    clock.advance(1);
    expect(shown()).toEqual(['db: sooner', 'api: later']);
    expect(clock.waiting()).toBe(0);
  });

  it('shows a line that comes too late, late', () => {
    const { clock, merge, shown } = mergeOf({ mode: 'follow' });
    merge.push(line('api', 2, 'on time'));
    clock.advance(150);
    merge.push(line('db', 1, 'late'));
    clock.advance(100);
    expect(shown()).toEqual(['api: on time', 'db: late']);
  });

  it('holds a line no longer than the window while others keep coming', () => {
    const { clock, merge, shown } = mergeOf({ mode: 'follow' });
    for (let index = 0; index < 30; index++) {
      merge.push(line('api', index / 100, `${index}`));
      clock.advance(10);
    }
    expect(shown().length).toBeGreaterThanOrEqual(19);
    merge.end();
    expect(shown()).toHaveLength(30);
    expect(clock.waiting()).toBe(0);
  });

  it('holds what was said before the start until all of it has arrived', () => {
    const { clock, merge, shown } = mergeOf({ mode: 'follow' });
    merge.push(line('api', -10, 'b'));
    clock.advance(150);
    merge.push(line('db', -20, 'a'));
    clock.advance(150);
    merge.push(line('web', -5, 'c'));
    expect(shown()).toEqual([]);
    clock.advance(200);
    expect(shown()).toEqual(['db: a', 'api: b', 'web: c']);
  });

  it('does not hold that for ever', () => {
    const { clock, merge, shown } = mergeOf({ mode: 'follow' });
    for (let index = 0; index < 25; index++) {
      merge.push(line('api', index - 1000, `${index}`));
      clock.advance(100);
    }
    expect(shown().length).toBeGreaterThanOrEqual(20);
  });

  it('marks the late rest of an entry, with the time of its head', () => {
    const { clock, merge, entries } = mergeOf({ mode: 'follow' });
    merge.push(line('api', 1, 'Error: x'));
    clock.advance(100);
    merge.push(line('api', 1.1, '    at f (a.js:1:1)'));
    clock.advance(100);
    expect(entries.map(({ at, part }) => [at, part])).toEqual([
      [stamp(1), 'whole'],
      [stamp(1), 'rest'],
    ]);
  });
});
