import { describe, expect, it } from 'vitest';
import { createExitLog, type Exit, judgeExits } from '../../../src/execute/exits.ts';
import { exited } from './run-bench.ts';

const exit = (code: number): Exit => ({ code, atMs: 0, outOfMemory: false });

describe('judgeExits', () => {
  it.each([
    ['no', [], 'starting'],
    ['no', [1], 'ended'],
    ['no', [0], 'ended'],
    ['on-failure', [1], 'starting'],
    ['on-failure', [0], 'ended'],
    ['on-failure', [1, 0], 'ended'],
    ['on-failure', [1, 1, 1], 'crash-loop'],
    ['always', [0, 0], 'starting'],
    ['always', [0, 0, 0], 'crash-loop'],
    ['unless-stopped', [1, 1], 'starting'],
    ['unless-stopped', [1, 1, 1, 1], 'crash-loop'],
  ] as const)('restart %s and exits %j: %s', (restart, codes, verdict) => {
    expect(judgeExits(codes.map(exit), restart)).toBe(verdict);
  });
});

describe('createExitLog', () => {
  it('joins a lack of memory with the exit that it causes, of the same instance', () => {
    const log = createExitLog();
    log.record({ ...exited('db', 0), type: 'out-of-memory', exitCode: undefined }, 5);
    log.record(exited('api', 1), 6);
    log.record(exited('db', 137), 7);
    log.record(exited('db', 1), 8);
    expect(log.of('api')).toEqual([{ code: 1, atMs: 6, outOfMemory: false }]);
    expect(log.of('db')).toEqual([
      { code: 137, atMs: 7, outOfMemory: true },
      { code: 1, atMs: 8, outOfMemory: false },
    ]);
  });

  it('tells of changes of one instance until it is disposed', () => {
    const log = createExitLog();
    let told = 0;
    const subscription = log.subscribe('db', () => {
      told += 1;
    });
    log.record(exited('api', 1), 1);
    log.record(exited('db', 1), 2);
    subscription[Symbol.dispose]();
    log.record(exited('db', 1), 3);
    expect(told).toBe(1);
  });

  it('knows what was removed', () => {
    const log = createExitLog();
    expect(log.removed('db')).toBe(false);
    log.record({ ...exited('db', 0), type: 'removed' }, 1);
    expect(log.removed('db')).toBe(true);
    expect(log.of('db')).toEqual([]);
  });
});
