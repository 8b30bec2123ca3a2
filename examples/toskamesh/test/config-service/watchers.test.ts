import { describe, expect, it } from 'vitest';
import type { ConfigDocument, ConfigKey } from '../../src/config-service/document.ts';
import { Watchers } from '../../src/config-service/watchers.ts';

const KEY = { service: 'orders', environment: 'production' };
const NAME = 'orders/production';

function version(number: number): ConfigDocument {
  return { ...KEY, version: number, values: {}, changedBy: 'alice', changedAt: new Date(0) };
}

/** A database of one configuration, which may be down. */
function database() {
  const state = { newest: version(1) as ConfigDocument | undefined, isDown: false, reads: 0 };
  const read = async (_: ConfigKey) => {
    state.reads += 1;
    if (state.isDown) {
      throw new Error('down');
    }
    return state.newest;
  };
  return { state, read };
}

describe('Watchers', () => {
  it('answer at once when there is another version already', async () => {
    const { read } = database();
    const watchers = new Watchers(read, 10);
    const { signal } = watchers.admit();
    expect(await watchers.next(KEY, 0, signal)).toEqual(version(1));
    // Of a history that is no more, as after a backup was restored.
    expect(await watchers.next(KEY, 9, signal)).toEqual(version(1));
  });

  it('wait for a change, and read it once for all', async () => {
    const { state, read } = database();
    const watchers = new Watchers(read, 10);
    const all = [1, 2, 3].map(() => watchers.next(KEY, 1, watchers.admit().signal));
    await expect.poll(() => state.reads).toBe(3);
    watchers.changed('another/one');
    state.newest = version(2);
    watchers.changed(NAME);
    expect(await Promise.all(all)).toEqual([version(2), version(2), version(2)]);
    expect(state.reads).toBe(4);
  });

  it('wait for the first version, too', async () => {
    const { state, read } = database();
    state.newest = undefined;
    const watchers = new Watchers(read, 10);
    const waiting = watchers.next(KEY, 0, watchers.admit().signal);
    await expect.poll(() => state.reads).toBe(1);
    state.newest = version(1);
    watchers.allChanged();
    expect(await waiting).toEqual(version(1));
  });

  it('miss no change that comes while they read', async () => {
    let finishRead: ((document: ConfigDocument) => void) | undefined;
    let newest = version(1);
    const slowOnce = () =>
      finishRead === undefined
        ? new Promise<ConfigDocument>((resolve) => {
            finishRead = resolve;
          })
        : Promise.resolve(newest);
    const watchers = new Watchers(slowOnce, 10);
    const waiting = watchers.next(KEY, 1, watchers.admit().signal);
    newest = version(2);
    watchers.changed(NAME);
    // What was read first is what was there before the change.
    finishRead?.(version(1));
    expect(await waiting).toEqual(version(2));
  });

  it('read again later what could not be read', async () => {
    const { state, read } = database();
    const watchers = new Watchers(read, 10);
    const waiting = watchers.next(KEY, 1, watchers.admit().signal);
    await expect.poll(() => state.reads).toBe(1);
    state.isDown = true;
    watchers.changed(NAME);
    await expect.poll(() => state.reads).toBe(2);
    state.isDown = false;
    state.newest = version(2);
    watchers.readStale();
    expect(await waiting).toEqual(version(2));
  });

  it('end when they are told to and when the service stops', async () => {
    const watchers = new Watchers(database().read, 10);
    const [left, stopped] = [watchers.admit(), watchers.admit()];
    const waiting = [left, stopped].map(({ signal }) => watchers.next(KEY, 1, signal));
    left.abort();
    expect(await waiting[0]).toBeUndefined();
    watchers.stop();
    expect(await waiting[1]).toBeUndefined();
    expect(watchers.admit().signal.aborted).toBe(true);
  });

  it('are no more than may be, and a place is free again when one has left', () => {
    const watchers = new Watchers(database().read, 1);
    const first = watchers.admit();
    expect(() => watchers.admit()).toThrow(expect.objectContaining({ status: 503 }));
    first.abort();
    expect(watchers.admit().signal.aborted).toBe(false);
  });
});
