import { describe, expect, it } from 'vitest';
import { WorkSlots } from '../../src/auth-service/work-slots.ts';

/** Work that ends when it is told to. */
function piece() {
  let end = (_error?: Error): void => undefined;
  let hasBegun = false;
  const work = () =>
    new Promise<string>((resolve, reject) => {
      hasBegun = true;
      end = (error) => (error === undefined ? resolve('done') : reject(error));
    });
  return { work, end: (error?: Error) => end(error), begun: () => hasBegun };
}

describe('WorkSlots', () => {
  it('lets a few run, lets some wait in turn, and refuses the rest', async () => {
    const slots = new WorkSlots({ running: 1, waiting: 2 });
    const pieces = [piece(), piece(), piece()];
    const [first, second, third] = pieces;
    const results = pieces.map(({ work }) => slots.run(work));
    await expect(slots.run(async () => 'too much')).rejects.toMatchObject({
      status: 503,
      headers: { 'retry-after': '1' },
    });
    expect(pieces.map(({ begun }) => begun())).toEqual([true, false, false]);
    first?.end();
    expect(await results[0]).toBe('done');
    await expect.poll(() => second?.begun()).toBe(true);
    expect(third?.begun()).toBe(false);
    second?.end();
    await expect.poll(() => third?.begun()).toBe(true);
    third?.end();
    await Promise.all(results);
    expect(await slots.run(async () => 'free again')).toBe('free again');
  });

  it('goes on after work that failed', async () => {
    const slots = new WorkSlots({ running: 1, waiting: 1 });
    const failing = piece();
    const failed = slots.run(failing.work);
    const next = slots.run(async () => 'next');
    failing.end(new Error('broken'));
    await expect(failed).rejects.toThrow('broken');
    expect(await next).toBe('next');
  });
});
