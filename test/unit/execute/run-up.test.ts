import { describe, expect, it } from 'vitest';
import { endpoint, healthWith, meshWith, need, nodeWith, settings } from '../render/mesh-builder.ts';
import { createRunBench, eventsOf, job, server, tell } from './run-bench.ts';

const shop = [
  server('db'),
  server('cache'),
  server('api', { needs: [need('db'), need('cache')] }),
  server('web', { needs: [need('api')] }),
];

describe('runUp', () => {
  it('starts what it can side by side, and each node once its needs are ready', async () => {
    using bench = createRunBench({
      nodes: { db: { readyAfterMs: 300 }, cache: { readyAfterMs: 50 }, api: { readyAfterMs: 100 } },
    });
    const run = await bench.up(shop);
    expect(run.ok).toBe(true);
    expect(bench.engine.history.join('\n')).toMatchInlineSnapshot(`
      "0 create db cache
      0 created shop-db-1
      0 created shop-cache-1
      0 start shop-db-1
      0 started shop-db-1
      0 start shop-cache-1
      0 started shop-cache-1
      0 create api web
      0 created shop-api-1
      0 created shop-web-1
      300 start shop-api-1
      300 started shop-api-1
      406 start shop-web-1
      406 started shop-web-1"
    `);
    expect(tell(run.events)).toMatchInlineSnapshot(`
      "0 run:started up
      0 waiting api on cache db
      0 waiting web on api
      0 created db
      0 created cache
      0 started db
      0 started cache
      0 waiting db: exit 1 not ready yet
      0 waiting cache: exit 1 not ready yet
      0 created api
      0 created web
      51 ready cache after 51
      51 waiting api on db
      300 ready db after 300
      300 waiting api on 
      300 started api
      300 waiting api: exit 1 not ready yet
      406 ready api after 106
      406 waiting web on 
      406 started web
      406 ready web after 0
      406 run:finished ok 4/4, 4 changed"
    `);
  });

  it('names the chain that the time went into', async () => {
    using bench = createRunBench({
      nodes: {
        db: { readyAfterMs: 300 },
        cache: { readyAfterMs: 50 },
        api: { readyAfterMs: 90 },
        web: { readyAfterMs: 40 },
      },
    });
    const run = await bench.up(shop);
    const path = eventsOf(run.events, 'run:finished')[0]?.criticalPath.map(({ node }) => node);
    expect(path).toEqual(['db', 'api', 'web']);
  });

  it('does not count a need as the cause of time that was only to be started', async () => {
    using bench = createRunBench({ nodes: { db: { readyAfterMs: 500 }, api: { readyAfterMs: 1000 } } });
    const run = await bench.up([server('db'), server('api', { needs: [need('db', 'started')] })]);
    const path = eventsOf(run.events, 'run:finished')[0]?.criticalPath.map(({ node }) => node);
    expect(path).toEqual(['api']);
  });

  it('skips what needs a node that failed, and brings up the rest', async () => {
    using bench = createRunBench({
      nodes: { db: { exit: { code: 3, afterMs: 200, runs: 'every' }, readyAfterMs: 'never' } },
    });
    const run = await bench.up(shop);
    expect(run.ok).toBe(false);
    expect(tell(run.events)).toMatchInlineSnapshot(`
      "0 run:started up
      0 waiting api on cache db
      0 waiting web on api
      0 created db
      0 created cache
      0 started db
      0 started cache
      0 waiting db: exit 1 not ready yet
      0 ready cache after 0
      0 waiting api on db
      0 created api
      0 created web
      200 failed db MESH3001 exited with code 3
      200 skipped api because db
      200 skipped web because db
      200 run:finished not ok 1/4, 4 changed"
    `);
    expect(eventsOf(run.events, 'node:failed')[0]).toMatchObject({ exitCode: 3, blocks: ['api', 'web'], had: [] });
  });

  it('starts a node that needs another one started, although that one is never ready', async () => {
    using bench = createRunBench({ nodes: { db: { readyAfterMs: 'never' } } });
    const run = await bench.up([server('db'), server('api', { needs: [need('db', 'started')] })], { withinMs: 1000 });
    expect(eventsOf(run.events, 'node:ready').map(({ node }) => node)).toEqual(['api']);
    expect(eventsOf(run.events, 'node:skipped')).toEqual([]);
  });

  it('gives up on a node that was not ready in its time', async () => {
    using bench = createRunBench({ nodes: { db: { readyAfterMs: 'never', notReadyWords: '503 warming up' } } });
    const run = await bench.up([server('db')]);
    expect(eventsOf(run.events, 'node:failed')[0]).toMatchObject({ code: 'MESH3003', elapsedMs: 60_000 });
    expect(eventsOf(run.events, 'node:failed')[0]?.reason).toMatch(
      /^not ready within 60\.0 s: exit 1 503 warming up \(\d+ tries\)$/,
    );
  });

  it('calls three exits a crash loop', async () => {
    using bench = createRunBench({
      nodes: { db: { exit: { code: 1, afterMs: 50, runs: 'every' }, readyAfterMs: 'never' } },
    });
    const run = await bench.up([server('db', { restart: 'always' })]);
    expect(tell(eventsOf(run.events, 'node:failed'))).toMatchInlineSnapshot(
      `"450 failed db MESH3002 exited with code 1, three times in 0.5 s"`,
    );
  });

  it('takes one failure for bad luck where the engine restarts', async () => {
    using bench = createRunBench({
      nodes: { db: { exit: { code: 1, afterMs: 50, runs: 'first' }, readyAfterMs: 100 } },
    });
    const run = await bench.up([server('db', { restart: 'on-failure' })]);
    expect(run.ok).toBe(true);
    // 50 ms until it exits, 100 ms of back-off, 100 ms until it is ready.
    expect(eventsOf(run.events, 'node:ready')[0]?.afterMs).toBeGreaterThanOrEqual(250);
  });

  it('shows the last lines and the limit of a node that ran out of memory', async () => {
    using bench = createRunBench({
      nodes: {
        db: {
          readyAfterMs: 'never',
          exit: { code: 137, afterMs: 80, runs: 'every', outOfMemory: true },
          log: [{ afterMs: 40, text: 'allocating', stream: 'stderr' }],
        },
      },
    });
    const run = await bench.up([
      server('db', { resources: { requests: {}, limits: { memory: '64Mi' } }, restart: 'no' }),
    ]);
    const [failed] = eventsOf(run.events, 'node:failed');
    expect(failed).toMatchObject({ code: 'MESH3004', reason: 'ran out of memory: its limit is 64Mi', exitCode: 137 });
    expect(failed?.logs.map(({ stream, text }) => `${stream} ${text}`)).toEqual(['stderr allocating']);
  });

  it('does not wait for the engine to restart what somebody killed', async () => {
    using bench = createRunBench({ nodes: { db: { readyAfterMs: 'never', killedAfterMs: 500 } } });
    const run = await bench.up([server('db', { restart: 'always' })]);
    expect(tell(eventsOf(run.events, 'node:failed'))).toMatchInlineSnapshot(
      `"500 failed db MESH3001 exited with code 137 (SIGKILL)"`,
    );
  });

  it('says so when another command removed what it waits for', async () => {
    using bench = createRunBench({ nodes: { db: { readyAfterMs: 'never', removedAfterMs: 500 } } });
    const run = await bench.up([server('db')]);
    expect(tell(eventsOf(run.events, 'node:failed'))).toMatchInlineSnapshot(
      `"500 failed db MESH3008 its container was removed by another command"`,
    );
  });

  it('does not call a node ready of which a replica was removed before it was looked at', async () => {
    using bench = createRunBench({ nodes: { db: { removedAfterMs: 10 }, 'db-2': { startTakesMs: 100 } } });
    const run = await bench.up([server('db', { replicas: 2 }), server('api', { needs: [need('db')] })]);
    expect(tell(eventsOf(run.events, 'node:failed'))).toMatchInlineSnapshot(
      `"100 failed db MESH3008 its container was removed by another command"`,
    );
    expect(run.ok).toBe(false);
  });

  it('waits for each replica', async () => {
    using bench = createRunBench({ nodes: { api: { readyAfterMs: 100 } } });
    const run = await bench.up([server('api', { replicas: 3 })]);
    expect(run.ok).toBe(true);
    expect(new Set(eventsOf(run.events, 'node:waiting').map(({ probe }) => probe?.replica))).toEqual(
      new Set([1, 2, 3]),
    );
    expect(eventsOf(run.events, 'node:started').map(({ replica }) => replica)).toEqual([1, 2, 3]);
  });

  it('is done with a job when it exits with 0', async () => {
    using bench = createRunBench({ nodes: { migrate: { exit: { code: 0, afterMs: 400, runs: 'every' } } } });
    const run = await bench.up([job('migrate'), server('api', { needs: [need('migrate', 'completed')] })]);
    expect(run.ok).toBe(true);
    expect(tell(eventsOf(run.events, 'node:ready'))).toMatchInlineSnapshot(`
      "400 ready migrate after 400, completed
      400 ready api after 0"
    `);
  });

  it('fails with a job that exits with another code, and skips who waits for it', async () => {
    using bench = createRunBench({ nodes: { migrate: { exit: { code: 2, afterMs: 400, runs: 'every' } } } });
    const run = await bench.up([job('migrate'), server('api', { needs: [need('migrate', 'completed')] })]);
    expect(
      tell(run.events.filter(({ type }) => type === 'node:failed' || type === 'node:skipped')),
    ).toMatchInlineSnapshot(`
      "400 failed migrate MESH3005 the job exited with code 2
      400 skipped api because migrate"
    `);
  });

  it('takes up a job that an interrupted run left, even if it ends before anybody listens', async () => {
    using bench = createRunBench({ nodes: { migrate: { exit: { code: 0, afterMs: 5000, runs: 'every' } } } });
    const interrupt = new AbortController();
    void bench.clock.sleep(1000).then(() => interrupt.abort(new Error('SIGINT')));
    await bench.up([job('migrate')], { signal: interrupt.signal });
    const run = await bench.up([job('migrate')], { planningTakesMs: 6000 });
    expect(tell(run.events)).toMatchInlineSnapshot(`
      "0 run:started up, keep migrate
      0 ready migrate after 0, kept, completed
      0 run:finished ok 1/1, 0 changed"
    `);
    expect(bench.engine.instances()).toMatchObject([{ id: 'migrate-1', state: 'exited' }]);
  });

  it('does a job that has completed once', async () => {
    using bench = createRunBench({ nodes: { migrate: { exit: { code: 0, afterMs: 100, runs: 'every' } } } });
    const nodes = [job('migrate'), server('api', { needs: [need('migrate')] })];
    await bench.up(nodes);
    const run = await bench.up(nodes);
    expect(run.changed.size).toBe(0);
    expect(bench.engine.history.filter((line) => line.includes('started shop-migrate'))).toHaveLength(1);
  });

  it('gives a job that does not end no more than its time', async () => {
    using bench = createRunBench();
    const run = await bench.up([job('migrate')], { withinMs: 5000 });
    expect(tell(eventsOf(run.events, 'node:failed'))).toMatchInlineSnapshot(
      `"5000 failed migrate MESH3003 the job still runs after 5.0 s"`,
    );
  });

  it('takes a node as ready once its log says so', async () => {
    using bench = createRunBench({ nodes: { db: { log: [{ afterMs: 120, text: 'ready for connections' }] } } });
    const run = await bench.up([nodeWith({ name: 'db', health: healthWith({ kind: 'log', pattern: 'ready for' }) })]);
    expect(run.ok).toBe(true);
    expect(eventsOf(run.events, 'node:ready')[0]?.afterMs).toBeGreaterThanOrEqual(120);
    expect(bench.engine.openStreams()).toBe(0);
  });

  it.each([
    ['Bind for 127.0.0.1:5000 failed: port is already allocated'],
    [
      'driver failed programming external connectivity on endpoint shop-api-1: failed to bind host port for 127.0.0.1:5000:172.17.0.2:80/tcp: address already in use',
    ],
    ['failed to bind host port 127.0.0.1:5000/tcp: address already in use'],
    ['Error starting userland proxy: listen tcp4 127.0.0.1:5000: bind: address already in use'],
    ['rootlessport listen tcp 127.0.0.1:5000: bind: address already in use'],
    ['Ports are not available: exposing port TCP 127.0.0.1:5000 -> 127.0.0.1:0: listen'],
  ])('names who holds a port: %s', async (startRefused) => {
    using bench = createRunBench({ nodes: { api: { startRefused } }, heldPorts: { 5000: 'node (4711)' } });
    const run = await bench.up([server('api', { endpoints: [endpoint('http', 'http', 80, 5000)] })]);
    expect(eventsOf(run.events, 'node:failed')).toMatchObject([
      {
        code: 'MESH2003',
        reason: 'host port 5000 is held by node (4711)',
        hint: expect.stringContaining('--remap-ports'),
      },
    ]);
  });

  it('passes on why the engine does not start a node', async () => {
    using bench = createRunBench({ nodes: { api: { startRefused: 'exec: "serve": executable file not found' } } });
    const run = await bench.up([server('api')]);
    expect(tell(eventsOf(run.events, 'node:failed'))).toMatchInlineSnapshot(
      `"0 failed api MESH3007 could not be started: the engine refused to start shop-api-1: exec: "serve": executable file not found"`,
    );
  });

  it('pulls what is missing, and says which image cannot be had', async () => {
    using bench = createRunBench({
      images: {
        'db:dev': { here: false, pullTakesMs: 700 },
        'cache:dev': { here: false, refused: 'manifest unknown' },
      },
    });
    const run = await bench.up(shop);
    expect(tell(run.events)).toMatchInlineSnapshot(`
      "0 run:started up
      0 pulling db
      0 pulling db
      0 pulling cache
      0 pulling cache
      0 waiting api on cache db
      0 waiting web on api
      0 failed cache MESH2004 image cache:dev cannot be had: manifest unknown
      0 skipped api because cache
      0 skipped web because cache
      700 pulled db
      700 created db
      700 started db
      700 ready db after 0
      700 run:finished not ok 1/4, 1 changed"
    `);
  });

  it('never creates twice at once, whenever images arrive', async () => {
    using bench = createRunBench({ images: { 'db:dev': { here: false, pullTakesMs: 50 } }, convergeTakesMs: 200 });
    const run = await bench.up([server('db'), server('cache')]);
    expect(run.ok).toBe(true);
    expect(bench.engine.history.filter((line) => line.includes('create'))).toEqual([
      '0 create cache',
      '200 created shop-cache-1',
      '200 create db',
      '400 created shop-db-1',
    ]);
  });

  it('does not lose what was created while an older look was still under way', async () => {
    // The first look is the plan's, the second follows the first creation, the slow one is for the port of db.
    using bench = createRunBench({
      nodes: { cache: { readyAfterMs: 300 } },
      convergeTakesMs: 50,
      looksTakeMs: [0, 0, 100],
    });
    const db = server('db', { endpoints: [endpoint('sql', 'tcp', 5432, { kind: 'auto' })] });
    const run = await bench.up([db, server('cache'), server('api', { needs: [need('cache')] })]);
    expect(run.ok).toBe(true);
    expect(bench.engine.instances().map(({ node, state }) => `${node} ${state}`)).toEqual([
      'db running',
      'cache running',
      'api running',
    ]);
  });

  it('changes nothing the second time, and confirms what it keeps', async () => {
    using bench = createRunBench();
    await bench.up(shop);
    const before = bench.engine.instances();
    const from = bench.engine.history.length;
    const run = await bench.up(shop);
    expect(tell(run.events)).toMatchInlineSnapshot(`
      "0 run:started up, keep db cache api web
      0 ready db after 0, kept
      0 ready cache after 0, kept
      0 ready api after 0, kept
      0 ready web after 0, kept
      0 run:finished ok 4/4, 0 changed"
    `);
    expect(bench.engine.history.slice(from)).toEqual([]);
    expect(bench.engine.instances()).toEqual(before);
    expect(run.changed.size).toBe(0);
  });

  it('replaces a node that changed and no other', async () => {
    using bench = createRunBench();
    await bench.up(shop);
    const before = bench.engine.instances();
    const changed = shop.map((node) => (node.name === 'api' ? { ...node, env: settings({ MODE: 'new' }) } : node));
    const run = await bench.up(changed);
    const after = bench.engine.instances();
    const kept = after.filter(({ id }) => before.some((instance) => instance.id === id)).map(({ node }) => node);
    expect(kept).toEqual(['db', 'cache', 'web']);
    expect([...run.changed]).toEqual(['api']);
    expect(tell(eventsOf(run.events, 'node:created'))).toMatch(/ recreated api$/);
  });

  it('starts only what it was asked for', async () => {
    using bench = createRunBench();
    await bench.up(shop, { wanted: ['db'] });
    expect(bench.engine.instances().map(({ node }) => node)).toEqual(['db']);
  });

  it('removes a replica above the wanted number and does not wait for it', async () => {
    using bench = createRunBench();
    const two = [server('api', { replicas: 2 })];
    await bench.up(two);
    const one = [server('api')];
    expect((await bench.up(one)).ok).toBe(true);
    // Somebody adds one by hand: the rest is as the last run left it.
    await bench.engine.converge(
      { mesh: meshWith({ nodes: two }), nodes: ['api'], anew: [], remove: [] },
      new AbortController().signal,
    );
    const run = await bench.up(one);
    expect(tell(eventsOf(run.events, 'node:failed'))).toBe('');
    expect(bench.engine.instances().map(({ name, state }) => `${name} ${state}`)).toEqual(['shop-api-1 running']);
  });

  it('asks nothing without waiting, and tells of each node once', async () => {
    using bench = createRunBench({ nodes: { db: { readyAfterMs: 'never' } } });
    const run = await bench.up([server('db'), server('api', { needs: [need('db', 'started')] })], { wait: false });
    expect(tell(run.events)).toMatchInlineSnapshot(`
      "0 run:started up
      0 waiting api on db
      0 created db
      0 started db
      0 ready db after 0, started
      0 waiting api on 
      0 created api
      0 started api
      0 ready api after 0, started
      0 run:finished ok 2/2, 2 changed"
    `);
  });

  it('throws what the engine says when it goes away, and leaves nothing running', async () => {
    using bench = createRunBench({
      nodes: { db: { readyAfterMs: 'never' }, cache: { readyAfterMs: 'never' }, migrate: {} },
      goneAtMs: 400,
    });
    const nodes = [...shop, job('migrate')];
    await expect(bench.up(nodes)).rejects.toMatchObject({ code: 'MESH2001', exitCode: 3 });
    await settled();
    expect(bench.engine.openStreams()).toBe(0);
    expect(bench.clock.sleeping()).toBe(0);
  });

  it.each(['MESH2001', 'MESH2007'] as const)(
    'does not blame a node for an engine that goes away (%s)',
    async (code) => {
      using bench = createRunBench({ nodes: { db: { startTakesMs: 100 } }, goneAtMs: 50, goneCode: code });
      await expect(bench.up(shop)).rejects.toMatchObject({ code });
      expect(eventsOf(bench.told, 'node:failed')).toEqual([]);
    },
  );

  it('ends at once when it is interrupted, and leaves nothing running', async () => {
    using bench = createRunBench({ nodes: { db: { readyAfterMs: 'never', startTakesMs: 100 } } });
    const interrupt = new AbortController();
    void bench.clock.sleep(1234).then(() => interrupt.abort(new Error('SIGINT')));
    const run = await bench.up([...shop, job('migrate')], { signal: interrupt.signal });
    expect(run).toMatchObject({ ok: false, interrupted: true });
    expect(eventsOf(run.events, 'run:finished')).toMatchObject([{ interrupted: true, elapsedMs: 1234 }]);
    await settled();
    expect(bench.engine.openStreams()).toBe(0);
    expect(bench.clock.sleeping()).toBe(0);
  });

  it('is interrupted while the engine creates, too', async () => {
    using bench = createRunBench({ convergeTakesMs: 500 });
    const interrupt = new AbortController();
    void bench.clock.sleep(100).then(() => interrupt.abort(new Error('SIGINT')));
    expect(await bench.up(shop, { signal: interrupt.signal })).toMatchObject({ ok: false, interrupted: true });
    expect(bench.engine.instances()).toEqual([]);
    expect(bench.clock.sleeping()).toBe(0);
  });
});

/** Long enough for all that was told to end to have ended. */
function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
