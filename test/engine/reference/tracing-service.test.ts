import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from 'vitest';
import {
  createLogger,
  openDatabase,
  parseConnectionString,
  Tracing,
} from '../../../examples/toskamesh/shared/dist/index.js';
import { deleteBatch, RETENTION_LOCK } from '../../../examples/toskamesh/src/tracing-service/retention.ts';
import { bearer } from '../../../examples/toskamesh/test/support/bearer.ts';
import { startFakeRegistry } from '../../../examples/toskamesh/test/support/fake-registry.ts';
import { startService } from '../../../examples/toskamesh/test/support/running-service.ts';
import { connectionString, type Server, startServer } from '../../../examples/toskamesh/test/support/server.ts';
import { describeEngine } from '../support/engine-test.ts';

const SECRET = 'a secret of thirty-two bytes or more';
const PATIENCE = { timeout: 40_000, interval: 100 };

interface Summary {
  readonly traceId: string;
  readonly root: { readonly service: string; readonly name: string };
  readonly services: readonly string[];
  readonly spans: number;
  readonly durationMs: number;
  readonly error: boolean;
}

const environment = (postgres: Server, extra: Readonly<Record<string, string>> = {}) => ({
  ConnectionStrings__DefaultConnection: connectionString(postgres),
  Jwt__Secret: SECRET,
  ...extra,
});

const ready = async (url: string) => (await fetch(`${url}/health/ready`)).status;

async function get<T>(url: string): Promise<T> {
  const answer = await fetch(url, { headers: await bearer(SECRET) });
  const text = await answer.text();
  expect(answer.status, text).toBe(200);
  return answer.headers.get('content-type')?.startsWith('application/json') ? JSON.parse(text) : (text as T);
}

const search = async (url: string, query = ''): Promise<readonly Summary[]> =>
  (await get<{ readonly traces: readonly Summary[] }>(`${url}/api/traces${query}`)).traces;

/** Sends one span of a trace; tells the answer's status, or 0 when there was none. */
async function send(url: string, traceId: string, change: Readonly<Record<string, unknown>> = {}): Promise<number> {
  const now = BigInt(Date.now()) * 1_000_000n;
  const times = { startTimeUnixNano: String(now), endTimeUnixNano: String(now + 5_000_000n) };
  const span = { traceId, spanId: randomBytes(8).toString('hex'), name: 'work', kind: 1, ...times, ...change };
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'worker' } }] };
  const body = JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ spans: [span] }] }] });
  const init = { method: 'POST', body, headers: { 'content-type': 'application/json' } };
  return fetch(`${url}/v1/traces`, init).then(
    (answer) => answer.status,
    () => 0,
  );
}

const newTraceId = () => randomBytes(16).toString('hex');

describeEngine('the tracing service on PostgreSQL', () => {
  it('shows what the real exporter of several services sends, each span once', async () => {
    await using postgres = await startServer('postgres');
    await using registry = await startFakeRegistry();
    const variables = environment(postgres, { Mesh__ServiceDiscovery__Grpc__Address: registry.url });
    await using first = await startService('tracing-service', variables);
    await using second = await startService('tracing-service', variables);
    await expect.poll(() => ready(first.url), PATIENCE).toBe(200);
    await expect.poll(() => ready(second.url), PATIENCE).toBe(200);

    // Two services, one after the other, each with an exporter of its own to another replica.
    const gateway = new Tracing('gateway', async () => new URL(first.url));
    const config = new Tracing('config-service', async () => new URL(second.url));
    const received = gateway.received('GET /api/*', {});
    const sent = received.child('GET config-service');
    const answered = config.received('GET /api/config/:service', sent.headers());
    answered.end({ 'http.response.status_code': 500 }, 'HTTP 500');
    sent.end();
    received.end();
    await Promise.all([gateway.close(), config.close()]);

    const [trace] = await search(first.url, '?service=config-service&errors=true&name=CONFIG');
    expect(trace).toMatchObject({
      traceId: received.traceId,
      root: { service: 'gateway', name: 'GET /api/*' },
      services: ['config-service', 'gateway'],
      spans: 3,
      error: true,
    });
    const whole = await get(`${second.url}/api/traces/${received.traceId}`);
    expect(whole).toMatchObject({
      spans: 3,
      roots: [
        {
          service: 'gateway',
          kind: 'server',
          children: [
            {
              kind: 'client',
              children: [
                { service: 'config-service', message: 'HTTP 500', attributes: { 'http.response.status_code': 500 } },
              ],
            },
          ],
        },
      ],
    });
    const text = await get<string>(`${first.url}/api/traces/${received.traceId}?view=text`);
    expect(text).toMatch(/^config-service {6}GET \/api\/config\/:service {2}\|.*ERROR HTTP 500$/m);

    // Its own requests are traced like any other service's, and find their way by discovery.
    await expect
      .poll(async () => (await search(first.url, '?service=tracing-service')).map(({ root }) => root.name), PATIENCE)
      .toContain('GET /api/traces/:traceId');

    // A span that is sent again counts once.
    const traceId = newTraceId();
    const again = { spanId: 'b'.repeat(16), name: 'repeated' };
    expect(await Promise.all([first, second, first].map(({ url }) => send(url, traceId, again)))).toEqual([
      200, 200, 200,
    ]);
    expect(await search(second.url, '?name=repeated')).toMatchObject([{ traceId, spans: 1, durationMs: 5 }]);
    expect(await search(second.url, '?name=repeated&minDurationMs=5.1')).toEqual([]);
    expect(await search(second.url, '?name=repeated&since=2999-01-01T00:00:00Z')).toEqual([]);
    const unstorable = await fetch(`${second.url}/api/traces?name=%00`, { headers: await bearer(SECRET) });
    expect(unstorable.status).toBe(400);

    expect(await Promise.all([first.stop(), second.stop()])).toEqual([0, 0]);
    expect([...registry.instances]).toEqual([]);
  });

  it('deletes what is too old, by one replica at a time', async () => {
    await using postgres = await startServer('postgres');
    await using service = await startService('tracing-service', environment(postgres));
    await expect.poll(() => ready(service.url), PATIENCE).toBe(200);
    const [old, recent] = [newTraceId(), newTraceId()];
    expect(await Promise.all([send(service.url, old), send(service.url, recent)])).toEqual([200, 200]);

    const database = openDatabase({
      service: 'tracing-service',
      target: parseConnectionString('the test', connectionString(postgres)),
      migrations: new URL('../../../examples/toskamesh/migrations/tracing-service', import.meta.url),
      log: createLogger('test', 'silent'),
    });
    try {
      await database.query(`update trace_traces set received_at = now() - interval '25 hours' where trace_id = $1`, [
        old,
      ]);
      // While another holds the lock there is nothing to do, and nothing to wait for.
      await database.transaction(async ({ query }) => {
        await query('select pg_advisory_xact_lock($1)', [RETENTION_LOCK]);
        expect(await deleteBatch(database, 24)).toBe(0);
      });
      expect(await deleteBatch(database, 24)).toBe(1);
      expect(await database.query('select trace_id from trace_spans')).toEqual([{ trace_id: recent }]);
    } finally {
      await database.close();
    }
  });

  it('loses no span that it has acknowledged when the database is killed', async () => {
    await using postgres = await startServer('postgres');
    await using service = await startService('tracing-service', environment(postgres));
    await expect.poll(() => ready(service.url), PATIENCE).toBe(200);

    const acknowledged: string[] = [];
    const answers = new Map<number, number>();
    let isOver = false;
    const sender = async (): Promise<void> => {
      while (!isOver) {
        const traceId = newTraceId();
        const status = await send(service.url, traceId);
        answers.set(status, (answers.get(status) ?? 0) + 1);
        if (status === 200) acknowledged.push(traceId);
        await pause(20);
      }
    };
    const senders = Promise.all([sender(), sender(), sender(), sender()]);
    await expect.poll(() => acknowledged.length, PATIENCE).toBeGreaterThan(50);
    await postgres.kill();
    await expect.poll(() => ready(service.url), PATIENCE).toBe(503);
    expect((await fetch(`${service.url}/health/live`)).status).toBe(200);
    await postgres.start();
    await expect.poll(() => ready(service.url), PATIENCE).toBe(200);
    const before = acknowledged.length;
    await expect.poll(() => acknowledged.length, PATIENCE).toBeGreaterThan(before + 20);
    isOver = true;
    await senders;

    // Kept, or to be sent again: never an answer that tells an exporter to give a span up.
    expect([...answers.keys()].sort()).toEqual([200, 503]);
    for (const traceId of acknowledged) {
      await get(`${service.url}/api/traces/${traceId}`);
    }
    expect(await service.stop()).toBe(0);
  });
});
