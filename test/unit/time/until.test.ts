import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/time/clock.ts';
import { DeadlinePassed, until } from '../../../src/time/until.ts';
import { createFakeClock } from './fake-clock.ts';

const backoff = { firstMs: 25, factor: 2, maxMs: 250 };

describe('until', () => {
  it('asks at once and does not sleep when there is an answer', async () => {
    const clock = createFakeClock();
    expect(await until(async () => 'yes', { clock, backoff, withinMs: 1000 })).toBe('yes');
    expect(clock.slept).toEqual([]);
  });

  it('takes every answer but undefined', async () => {
    const clock = createFakeClock();
    expect(await until(async () => false, { clock, backoff, withinMs: 1000 })).toBe(false);
    expect(await until(async () => null, { clock, backoff, withinMs: 1000 })).toBeNull();
  });

  it('waits longer each time, up to the longest pause', async () => {
    const clock = createFakeClock();
    const answer = async (attempt: number) => (attempt === 7 ? attempt : undefined);
    expect(await until(answer, { clock, backoff, withinMs: 60_000 })).toBe(7);
    expect(clock.slept).toEqual([25, 50, 100, 200, 250, 250]);
  });

  it('asks once more when time is over, and then gives up', async () => {
    const clock = createFakeClock();
    let asked = 0;
    const ask = async () => {
      asked++;
      return undefined;
    };
    await expect(until(ask, { clock, backoff, withinMs: 100 })).rejects.toEqual(new DeadlinePassed(100));
    expect(clock.slept).toEqual([25, 50, 25]);
    expect(asked).toBe(4);
  });

  it('asks once even when there is no time at all', async () => {
    const clock = createFakeClock();
    expect(await until(async () => 1, { clock, backoff, withinMs: 0 })).toBe(1);
    await expect(until(async () => undefined, { clock, backoff, withinMs: 0 })).rejects.toBeInstanceOf(DeadlinePassed);
  });

  it('counts the time that an answer takes', async () => {
    const clock = createFakeClock();
    const ask = async () => {
      clock.advance(400);
      return undefined;
    };
    await expect(until(ask, { clock, backoff, withinMs: 500 })).rejects.toBeInstanceOf(DeadlinePassed);
    expect(clock.slept).toEqual([25]);
  });

  it('passes on what the question throws', async () => {
    const clock = createFakeClock();
    const ask = async () => {
      throw new Error('broken');
    };
    await expect(until(ask, { clock, backoff, withinMs: 500 })).rejects.toThrow('broken');
  });

  it('ends with the reason of the signal, before and between questions', async () => {
    const clock = createFakeClock();
    const controller = new AbortController();
    const ask = async (attempt: number) => {
      if (attempt === 2) setImmediate(() => controller.abort(new Error('stop')));
      return undefined;
    };
    const options = { clock, backoff, withinMs: Number.POSITIVE_INFINITY, signal: controller.signal };
    await expect(until(ask, options)).rejects.toThrow('stop');
    await expect(until(async () => 1, options)).rejects.toThrow('stop');
  });
});

describe('the clock of the system', () => {
  it('sleeps for no time', async () => {
    await expect(systemClock.sleep(0)).resolves.toBeUndefined();
  });

  it('wakes when it is told to, and refuses to sleep after that', async () => {
    const controller = new AbortController();
    const slept = systemClock.sleep(3_600_000, controller.signal);
    controller.abort(new Error('enough'));
    await expect(slept).rejects.toThrow('enough');
    await expect(systemClock.sleep(3_600_000, controller.signal)).rejects.toThrow('enough');
  });

  it('never goes back', () => {
    const before = systemClock.now();
    expect(systemClock.now()).toBeGreaterThanOrEqual(before);
  });
});
