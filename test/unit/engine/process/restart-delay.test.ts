import { describe, expect, test } from 'vitest';
import { restartDelayMs } from '../../../../src/engine/process/supervisor/restart-delay.ts';

const exited = (exitCode: number | undefined, quickRestarts = 0) => ({ exitCode, ranMs: 5, quickRestarts });

describe('restartDelayMs', () => {
  test.each([
    ['no', 1, undefined],
    ['on-failure', 0, undefined],
    ['on-failure', 1, 100],
    ['on-failure', undefined, 100],
    ['always', 0, 100],
    ['unless-stopped', 0, 100],
  ] as const)('%s after exit code %s → %s', (policy, code, delay) => {
    expect(restartDelayMs(policy, exited(code))).toBe(delay);
  });

  test('each quick restart waits twice as long, up to a bound', () => {
    const delays = [0, 1, 2, 6, 7, 60].map((quick) => restartDelayMs('always', exited(1, quick)));
    expect(delays).toEqual([100, 200, 400, 6400, 10_000, 10_000]);
  });
});
