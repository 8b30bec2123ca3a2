import { describe, expect, it } from 'vitest';
import { Dependency, retryDelay } from '../src/dependency.ts';
import { describeError } from '../src/errors.ts';
import { createLogger } from '../src/log.ts';

const log = createLogger('test', 'silent');

describe('Dependency', () => {
  it('tries until it is answered and notices a loss', async () => {
    let tries = 0;
    const seen: string[] = [];
    const probe = async (): Promise<void> => {
      tries += 1;
      if (tries === 1) {
        throw Object.assign(new Error('connect'), { code: 'ECONNREFUSED', address: '10.0.0.1', port: 5432 });
      }
    };
    const dependency = new Dependency({ name: 'postgres', log, probe });
    dependency.onChange((check) => seen.push(check));
    expect(dependency.check).toBe('starting');
    dependency.start();
    await expect.poll(() => dependency.ok).toBe(true);
    dependency.lost(new Error('closed'));
    expect(dependency.ok).toBe(false);
    await expect.poll(() => dependency.ok).toBe(true);
    await dependency.stop();
    expect(seen).toEqual(['ECONNREFUSED 10.0.0.1:5432', 'ok', 'closed', 'ok']);
  });

  it('asks again at once after a probe during which it was told to', async () => {
    let probes = 0;
    const probe = async (): Promise<void> => {
      probes += 1;
      if (probes === 1) dependency.poke();
    };
    const dependency = new Dependency({ name: 'discovery', log, probe });
    dependency.start();
    // The usual pause would outlast the poll.
    await expect.poll(() => probes, { timeout: 1000 }).toBe(2);
    await dependency.stop();
  });

  it('is eager at first and grows patient', () => {
    expect(retryDelay(1000, 50)).toBe(50);
    expect(retryDelay(31_000, 50)).toBe(75);
    expect(retryDelay(99_000, 900)).toBe(1000);
  });
});

describe('describeError', () => {
  it.each([
    [{ code: 'ENOTFOUND', hostname: 'postgres' }, 'ENOTFOUND postgres'],
    [new AggregateError([Object.assign(new Error('x'), { code: 'EA', address: '::1', port: 1 })]), 'EA ::1:1'],
    [new Error('plain'), 'plain'],
    [Object.assign(new Error('bad password'), { code: '28P01' }), '28P01 bad password'],
    ['text', 'text'],
  ])('%o', (error, text) => {
    expect(describeError(error)).toBe(text);
  });
});
