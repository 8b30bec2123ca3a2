import { expect, it } from 'vitest';
import { createLogger } from '../src/log.ts';
import { repeat } from '../src/repeat.ts';

const log = createLogger('test', 'silent');

it('goes on after a failure and is never at it twice', async () => {
  let turns = 0;
  let atOnce = 0;
  const repeated = repeat(
    async () => {
      turns += 1;
      atOnce += 1;
      expect(atOnce).toBe(1);
      await new Promise((resolve) => setTimeout(resolve, 5));
      atOnce -= 1;
      throw new Error('failed');
    },
    { what: 'work', everyMs: 1, log },
  );
  await expect.poll(() => turns).toBeGreaterThan(3);
  await repeated.stop();
  const done = turns;
  expect(atOnce).toBe(0);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(turns).toBe(done);
});
