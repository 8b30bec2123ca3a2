import { describe, expect, it } from 'vitest';
import { memoryRegistry } from '../src/discovery/registry.ts';
import { nextState, type ProbeState, UNPROBED } from '../src/health-monitor/probes.ts';
import { Dependency, retryDelay } from '../src/shared/dependency.ts';
import { describeError } from '../src/shared/errors.ts';

const LOG = { info: () => undefined, warn: () => undefined, error: () => undefined };

describe('the registry in memory', () => {
  const instance = {
    id: 'a-1',
    service: 'a',
    address: '127.0.0.1',
    port: 1,
    scheme: 'http',
    healthPath: '/health',
    passing: true,
  };

  it('keeps, fails and forgets a silent instance', async () => {
    let now = 0;
    const registry = memoryRegistry(() => now);
    await registry.register(instance);
    expect(await registry.list()).toEqual([instance]);
    now = 16_000;
    expect(await registry.list()).toEqual([{ ...instance, passing: false }]);
    expect(await registry.heartbeat('a-1')).toBe(true);
    expect(await registry.list()).toEqual([instance]);
    now += 61_000;
    expect(await registry.heartbeat('a-1')).toBe(false);
    expect(await registry.list()).toEqual([]);
  });

  it('says whether it knew whom it removes', async () => {
    const registry = memoryRegistry();
    await registry.register(instance);
    expect(await registry.deregister('a-1')).toBe(true);
    expect(await registry.deregister('a-1')).toBe(false);
  });
});

describe('verdicts of the health monitor', () => {
  const run = (results: string): string => {
    let state: ProbeState = UNPROBED;
    return [...results]
      .map((result) => {
        state = nextState(state, result === '+', { failure: 3, recovery: 2 });
        return state.verdict === 'healthy' ? 'H' : 'U';
      })
      .join('');
  };

  it.each([
    ['+---', 'HHHU'],
    ['+--+--', 'HHHHHH'],
    ['-++', 'UUH'],
    ['-+-+-', 'UUUUU'],
  ])('of %s', (results, verdicts) => {
    expect(run(results)).toBe(verdicts);
  });
});

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
    const dependency = new Dependency({ name: 'postgres', log: LOG, probe, onChange: (check) => seen.push(check) });
    expect(dependency.check).toBe('starting');
    dependency.start();
    await expect.poll(() => dependency.ok).toBe(true);
    dependency.lost(new Error('closed'));
    expect(dependency.ok).toBe(false);
    await expect.poll(() => dependency.ok).toBe(true);
    await dependency.stop();
    expect(seen).toEqual(['ECONNREFUSED 10.0.0.1:5432', 'ok', 'closed', 'ok']);
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
