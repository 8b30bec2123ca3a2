import { describe, expect, it } from 'vitest';
import { memoryStore } from '../../src/discovery/memory-store.ts';

const instance = {
  id: 'a-1',
  service: 'a',
  address: '127.0.0.1',
  port: 1,
  scheme: 'http',
  healthPath: '/health',
  passing: true,
  metadata: {},
};

describe('the registry in memory', () => {
  it('keeps, fails and forgets a silent instance', async () => {
    let now = 0;
    const store = memoryStore(() => now);
    await store.register(instance);
    expect(await store.list()).toEqual([{ ...instance, silent: false }]);
    now = 16_000;
    expect(await store.list()).toEqual([{ ...instance, passing: false, silent: true }]);
    expect(await store.heartbeat('a-1', true)).toBe(true);
    expect(await store.list()).toEqual([{ ...instance, silent: false }]);
    now += 61_000;
    expect(await store.heartbeat('a-1', true)).toBe(false);
    expect(await store.list()).toEqual([]);
  });

  it('tells one that cannot work from a silent one', async () => {
    const store = memoryStore();
    await store.register(instance);
    await store.heartbeat('a-1', false);
    expect(await store.list()).toEqual([{ ...instance, passing: false, silent: false }]);
  });

  it('says whether it knew whom it removes', async () => {
    const store = memoryStore();
    await store.register(instance);
    expect(await store.deregister('a-1')).toBe(true);
    expect(await store.deregister('a-1')).toBe(false);
  });
});
