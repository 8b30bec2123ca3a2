import { describe, expect, it } from 'vitest';
import { meshWith, need, nodeWith } from '../render/mesh-builder.ts';
import { createRunBench, eventsOf, server, tell } from './run-bench.ts';

const shop = [
  server('db', { volumes: [{ name: 'rows', path: '/rows' }] }),
  server('cache'),
  server('api', { needs: [need('db'), need('cache')] }),
  server('web', { needs: [need('api')] }),
];
const SLOW = { stopTakesMs: 100 };

describe('runDown', () => {
  it('stops each node once all that need it have stopped, and removes it', async () => {
    using bench = createRunBench({ nodes: { db: SLOW, cache: SLOW, api: SLOW, web: SLOW } });
    await bench.up(shop);
    const from = bench.engine.history.length;
    const run = await bench.down(shop);
    expect(bench.engine.history.slice(from).join('\n')).toMatchInlineSnapshot(`
      "0 stop shop-web-1
      100 exited shop-web-1 143
      100 removed shop-web-1
      100 stop shop-api-1
      200 exited shop-api-1 143
      200 removed shop-api-1
      200 stop shop-cache-1
      200 stop shop-db-1
      300 exited shop-cache-1 143
      300 removed shop-cache-1
      300 exited shop-db-1 143
      300 removed shop-db-1"
    `);
    expect(tell(run.events)).toMatchInlineSnapshot(`
      "0 run:started down
      0 stopping web
      100 stopped web
      100 stopping api
      200 stopped api
      200 stopping cache
      200 stopping db
      300 stopped cache
      300 stopped db
      300 run:finished ok 0/4, 4 changed"
    `);
    expect(bench.engine.instances()).toEqual([]);
  });

  it('keeps volumes and says which, unless they are asked for', async () => {
    using bench = createRunBench();
    await bench.up(shop);
    const kept = await bench.down(shop);
    expect(kept.removed).toEqual(['network shop_default']);
    expect(eventsOf(kept.events, 'run:finished')[0]?.kept).toEqual(['rows']);
    await bench.up(shop);
    const all = await bench.down(shop, { volumes: true });
    expect(all.removed).toEqual(['network shop_default', 'volume shop_rows']);
    expect(eventsOf(all.events, 'run:finished')[0]?.kept).toEqual([]);
  });

  it('keeps instances and network when it only stops', async () => {
    using bench = createRunBench();
    await bench.up(shop);
    expect((await bench.down(shop, { command: 'stop' })).removed).toEqual([]);
    expect(bench.engine.instances().map(({ node, state }) => `${node} ${state}`)).toEqual([
      'db exited',
      'cache exited',
      'api exited',
      'web exited',
    ]);
    expect((await bench.up(shop)).ok).toBe(true);
  });

  it('kills what does not stop in its grace period, and the command line can shorten it', async () => {
    using bench = createRunBench({ nodes: { api: { stopTakesMs: 60_000 } } });
    const nodes = [server('api', { stopGraceMs: 5000 })];
    await bench.up(nodes);
    const slow = await bench.down(nodes, { command: 'stop' });
    expect(eventsOf(slow.events, 'node:stopped')).toMatchObject([{ tookMs: 5000 }]);
    expect(bench.engine.instances()).toMatchObject([{ exitCode: 137 }]);
    await bench.up(nodes);
    const quick = await bench.down(nodes, { command: 'stop', graceMs: 200 });
    expect(eventsOf(quick.events, 'node:stopped')).toMatchObject([{ tookMs: 200 }]);
  });

  it('removes what the manifest no longer has, too', async () => {
    using bench = createRunBench();
    await bench.up([...shop, nodeWith({ name: 'old' })]);
    const run = await bench.down(shop);
    expect(eventsOf(run.events, 'run:started')[0]?.nodes.map(({ name, tier }) => `${name} ${tier}`)).toEqual([
      'old removed',
      'web core',
      'api core',
      'cache core',
      'db core',
    ]);
    expect(bench.engine.instances()).toEqual([]);
  });

  it('leaves the rest and the network alone when it is about some nodes', async () => {
    using bench = createRunBench();
    await bench.up(shop);
    const instances = bench.engine.instances().filter(({ node }) => node === 'web');
    expect((await bench.down(shop, { instances, wholeProject: false })).removed).toEqual([]);
    expect(bench.engine.instances().map(({ node }) => node)).toEqual(['db', 'cache', 'api']);
    const { instances: left } = await bench.engine.observe(meshWith({}).project, []);
    expect(left.every(({ state }) => state === 'running')).toBe(true);
  });

  it('has nothing to do where there is nothing', async () => {
    using bench = createRunBench();
    const run = await bench.down(shop);
    expect(tell(run.events)).toMatchInlineSnapshot(`
      "0 run:started down
      0 run:finished ok 0/0, 0 changed"
    `);
  });
});
