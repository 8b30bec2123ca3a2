import { afterAll, beforeAll, expect, it } from 'vitest';
import { bearer } from '../../../examples/toskamesh/test/support/bearer.ts';
import { type RunningService, startService } from '../../../examples/toskamesh/test/support/running-service.ts';
import { connectionString, type Server, startServer } from '../../../examples/toskamesh/test/support/server.ts';
import { runSql } from '../../../examples/toskamesh/test/support/sql.ts';
import { type EventSource, readEvents } from '../../../examples/toskamesh/test/support/sse.ts';
import { readiness, untilReady } from '../../../examples/toskamesh/test/support/until-ready.ts';
import { describeEngine } from '../support/engine-test.ts';

const SECRET = '0123456789abcdef0123456789abcdef';
const KEPT_VERSIONS = 25;

interface Document {
  readonly version: number;
  readonly values: unknown;
  readonly deleted?: true;
}

interface Request {
  readonly service?: RunningService;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
}

const idsOf = ({ events }: EventSource) => events.map(({ id }) => id);
const versionsOf = (documents: readonly Document[]) => documents.map(({ version }) => version);

describeEngine('config-service on PostgreSQL', () => {
  let postgres: Server;
  let one: RunningService;
  let two: RunningService;
  let environment: Readonly<Record<string, string>>;
  let authorization: string;

  const send = (method: string, path: string, { service = one, body, headers = {} }: Request = {}) =>
    fetch(`${service.url}/api/config${path}`, {
      method,
      headers: { authorization, ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  const get = (path: string, request: Request = {}) => send('GET', path, request);
  const put = (path: string, values: object, request: Request = {}) =>
    send('PUT', path, { ...request, body: { values } });
  const documentOf = async (answer: Response): Promise<Document> => {
    expect(answer.status).toBeLessThan(300);
    return answer.json() as Promise<Document>;
  };
  const openStream = (path: string, service: RunningService, headers: Readonly<Record<string, string>> = {}) =>
    readEvents(`${service.url}/api/config${path}/watch`, { authorization, ...headers });

  beforeAll(async () => {
    authorization = (await bearer(SECRET)).authorization;
    postgres = await startServer('postgres');
    environment = {
      ConnectionStrings__DefaultConnection: connectionString(postgres),
      Jwt__Secret: SECRET,
      Config__KeptVersions: String(KEPT_VERSIONS),
      Config__MaxWatchers: '20',
    };
    // At once, and before the server answers: both find tables to make.
    const start = () => startService('config-service', environment);
    [one, two] = await Promise.all([start(), start()]);
    await untilReady(one, two);
  });

  afterAll(async () => {
    await Promise.all([one, two, postgres].map((started) => started?.[Symbol.asyncDispose]()));
  });

  it('makes its tables once, however many replicas start', async () => {
    expect(await runSql(postgres, 'select name from migrations_config_service')).toEqual(['1_configuration']);
  });

  it('creates, changes, shows and deletes a configuration, and says who did', async () => {
    const path = '/orders/production';
    expect((await get(path)).status).toBe(404);
    const created = await put(path, { b: 1, a: [1.5, null] });
    expect(created.status).toBe(201);
    expect(created.headers.get('etag')).toBe('"1"');
    expect(await created.json()).toMatchObject({
      service: 'orders',
      environment: 'production',
      version: 1,
      values: { b: 1, a: [1.5, null] },
      changedBy: 'ada',
    });
    expect((await put(path, { b: 2 }, { service: two, headers: { 'if-match': '"1"' } })).status).toBe(200);
    const shown = await get(path, { service: two });
    expect(shown.headers.get('etag')).toBe('"2"');
    expect((await documentOf(shown)).values).toEqual({ b: 2 });
    expect((await get(path, { headers: { 'if-none-match': '"2"' } })).status).toBe(304);
    expect(await documentOf(await get(`${path}?version=1`))).toMatchObject({ version: 1, values: { b: 1 } });
    expect(await documentOf(await send('DELETE', path))).toMatchObject({ version: 3, values: null, deleted: true });
    expect((await get(path)).status).toBe(404);
    expect((await send('DELETE', path)).status).toBe(404);
    expect(await documentOf(await get(`${path}?version=3`))).toMatchObject({ deleted: true });
    const again = await put(path, { b: 4 }, { headers: { 'if-none-match': '*' } });
    expect(again.status).toBe(201);
    expect(again.headers.get('etag')).toBe('"4"');
  });

  it('lets one win of those who change the same version at the same moment, at two replicas', async () => {
    const path = '/race/change';
    await put(path, { by: 'nobody' });
    for (let version = 1; version <= 3; version += 1) {
      const headers = { 'if-match': `"${version}"` };
      const answers = await Promise.all(
        Array.from({ length: 16 }, (_, by) => put(path, { by }, { service: by % 2 === 0 ? one : two, headers })),
      );
      const winners = answers.filter(({ status }) => status === 200);
      expect(winners).toHaveLength(1);
      expect(answers.filter(({ status }) => status === 412)).toHaveLength(15);
      const [winner] = winners;
      const kept = await documentOf(await get(path, { service: two }));
      expect(kept).toEqual(await winner?.json());
      expect(kept.version).toBe(version + 1);
    }
  });

  it('opens no new connection for changes that it refuses', async () => {
    const path = '/keeps-connections/test';
    await documentOf(await put(path, { a: 1 }));
    const sessions = async () => {
      const [count] = await runSql(
        postgres,
        'select sessions from pg_stat_database where datname = current_database()',
      );
      return Number(count);
    };
    const before = await sessions();
    const refused = 20;
    for (let count = 0; count < refused; count++)
      expect((await put(path, { a: 2 }, { headers: { 'if-match': '"7"' } })).status).toBe(412);
    expect((await sessions()) - before).toBeLessThan(refused / 2);
  });

  it('refuses whole numbers that it cannot keep, and keeps the others', async () => {
    const path = '/numbers/test';
    const headers = { authorization, 'content-type': 'application/json' };
    const send = (values: string) =>
      fetch(`${one.url}/api/config${path}`, { method: 'PUT', headers, body: `{"values":${values}}` });
    const refused = await send('{"limits":[1,1e400]}');
    expect([refused.status, await refused.json()]).toMatchObject([400, { errors: [{ field: '/values/limits/1' }] }]);
    const kept = '{"least":-9007199254740991,"most":9007199254740991,"part":0.1}';
    expect((await send(kept)).status).toBe(201);
    expect(JSON.stringify((await documentOf(await get(path))).values)).toBe(kept);
  });

  it('lets one win of those who create the same configuration at the same moment', async () => {
    const headers = { 'if-none-match': '*' };
    const answers = await Promise.all(
      Array.from({ length: 16 }, (_, by) =>
        put('/race/create', { by }, { service: by % 2 === 0 ? one : two, headers }),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array.from({ length: 15 }, () => 412)]);
  });

  it('keeps all changes that name no version, one after the other', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, by) => put('/race/open', { by }, { service: by % 2 === 0 ? one : two })),
    );
    const documents = await Promise.all(answers.map(documentOf));
    expect(versionsOf(documents).sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
    for (const { version, values } of documents) {
      expect((await documentOf(await get(`/race/open?version=${version}`))).values).toEqual(values);
    }
  });

  it('tells the history in pages and brings an old version back as a new one', async () => {
    const path = '/history/test';
    for (const n of [1, 2, 3]) await put(path, { n });
    const page = async (query: string) => {
      const { versions } = (await (await get(`${path}/history${query}`)).json()) as { versions: Document[] };
      return versionsOf(versions);
    };
    expect(await page('')).toEqual([3, 2, 1]);
    expect(await page('?limit=2')).toEqual([3, 2]);
    expect(await page('?limit=2&before=2')).toEqual([1]);
    const back = await send('POST', `${path}/rollback`, { body: { version: 1 }, headers: { 'if-match': '"3"' } });
    expect(await documentOf(back)).toMatchObject({ version: 4, values: { n: 1 } });
    const stale = await send('POST', `${path}/rollback`, { body: { version: 1 }, headers: { 'if-match': '"3"' } });
    expect(stale.status).toBe(412);
    expect((await send('POST', `${path}/rollback`, { body: { version: 99 } })).status).toBe(404);
    await send('DELETE', path);
    expect((await send('POST', `${path}/rollback`, { body: { version: 5 } })).status).toBe(409);
    expect(await documentOf(await send('POST', `${path}/rollback`, { body: { version: 2 } }))).toMatchObject({
      version: 6,
    });
  });

  it('keeps so many versions and no more', async () => {
    const path = '/history/long';
    for (let n = 1; n <= KEPT_VERSIONS + 2; n += 1) await put(path, { n });
    const { versions } = (await (await get(`${path}/history`)).json()) as { versions: Document[] };
    expect(versions).toHaveLength(KEPT_VERSIONS);
    expect((await get(`${path}?version=2`)).status).toBe(404);
    expect((await get(`${path}?version=3`)).status).toBe(200);
  });

  it('lists in pages what there is and leaves out what was deleted', async () => {
    for (const environmentName of ['a', 'b', 'c']) await put(`/list/${environmentName}`, {});
    await send('DELETE', '/list/b');
    type Listed = { configurations: { service: string; environment: string; version: number }[] };
    const { configurations } = (await (await get('?after=list/A&limit=2')).json()) as Listed;
    expect(configurations).toMatchObject([
      { service: 'list', environment: 'a', version: 1 },
      { service: 'list', environment: 'c', version: 1 },
    ]);
  });

  it('tells whoever waits at another replica of a change, and when nothing changed', async () => {
    const path = '/watch/poll';
    await put(path, { n: 1 });
    expect((await documentOf(await get(`${path}/watch`))).version).toBe(1);
    expect((await get(`${path}/watch?after=1&timeout=1`)).status).toBe(204);
    const waiting = [1, 2, 3].map(() => get(`${path}/watch?after=1`, { service: two }));
    await put(path, { n: 2 });
    for (const answer of await Promise.all(waiting)) {
      expect(answer.headers.get('etag')).toBe('"2"');
      expect((await documentOf(answer)).values).toEqual({ n: 2 });
    }
  });

  it('streams changes, goes on after the last that a client has, and ends nobody else', async () => {
    const path = '/watch/stream';
    await using early = await openStream(path, two);
    for (const n of [1, 2]) {
      await put(path, { n });
      await expect.poll(() => idsOf(early)).toContain(String(n));
    }
    await send('DELETE', path);
    await expect.poll(() => early.events.at(-1)?.data).toMatchObject({ version: 3, deleted: true, values: null });
    await using late = await openStream(path, one, { 'last-event-id': '3' });
    await put(path, { n: 4 });
    await expect.poll(() => idsOf(late)).toEqual(['4']);
    await expect.poll(() => idsOf(early)).toEqual(['1', '2', '3', '4']);
  });

  it('admits so many watchers and no more', async () => {
    const path = '/watch/many';
    const left = new AbortController();
    const url = `${one.url}/api/config${path}/watch`;
    const waiting = Array.from({ length: 20 }, () =>
      fetch(url, { headers: { authorization }, signal: left.signal }).catch(() => undefined),
    );
    await expect.poll(async () => (await get(`${path}/watch?timeout=1`)).status, { timeout: 20_000 }).toBe(503);
    left.abort();
    await Promise.all(waiting);
    // Who leaves makes room.
    await expect.poll(async () => (await get(`${path}/watch?timeout=1`)).status, { timeout: 20_000 }).toBe(204);
  });

  it('tells of what changed while it could not listen', async () => {
    const path = '/watch/gap';
    await put(path, { n: 1 });
    await using stream = await openStream(path, two);
    await expect.poll(() => idsOf(stream)).toEqual(['1']);
    const waiting = get(`${path}/watch?after=1&timeout=60`, { service: two });
    // A change that PostgreSQL tells nobody of, and then the end of every connection.
    await runSql(
      postgres,
      `with changed as (
         update config_entries set version = 2 where service = 'watch' and environment = 'gap' returning *)
       insert into config_versions select service, environment, version, '{"n":2}', 'bob' from changed;
       select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'config-service'`,
    );
    expect((await documentOf(await waiting)).values).toEqual({ n: 2 });
    await expect.poll(() => idsOf(stream), { timeout: 20_000 }).toEqual(['1', '2']);
  });

  it('answers 503 and nothing wrong while PostgreSQL is away, loses no change and goes on telling', async () => {
    const path = '/outage/test';
    await put(path, { n: 0 });
    await using stream = await openStream(path, two);
    const written = new Map<number, unknown>();
    const statuses = { put: [] as number[], get: [] as number[] };
    let acknowledged = 1;
    let isOver = false;
    const write = async (service: RunningService, by: number) => {
      for (let n = 0; !isOver; n += 1) {
        const answer = await put(path, { by, n }, { service });
        statuses.put.push(answer.status);
        if (answer.status === 200) {
          const { version, values } = await documentOf(answer);
          expect(written.has(version)).toBe(false);
          written.set(version, values);
          acknowledged = Math.max(acknowledged, version);
        }
      }
    };
    const read = async () => {
      while (!isOver) {
        const atLeast = acknowledged;
        const answer = await get(path, { service: two });
        statuses.get.push(answer.status);
        if (answer.status === 200) {
          expect((await documentOf(answer)).version).toBeGreaterThanOrEqual(atLeast);
        }
      }
    };
    const work = [write(one, 1), write(one, 2), write(two, 3), write(two, 4), read()];
    const seen = async (wanted: number) => {
      const before = { put: statuses.put.length, get: statuses.get.length };
      await expect
        .poll(() => (['put', 'get'] as const).every((kind) => statuses[kind].slice(before[kind]).includes(wanted)), {
          timeout: 60_000,
        })
        .toBe(true);
    };

    await seen(200);
    await postgres.kill();
    await seen(503);
    await expect.poll(() => readiness(one)).toBe(503);
    await postgres.start();
    await untilReady(one, two);
    await seen(200);
    isOver = true;
    await Promise.all(work);

    expect([...new Set([...statuses.put, ...statuses.get])].sort()).toEqual([200, 503]);
    // Those that are kept are those that were answered, and perhaps some whose answer the outage swallowed.
    const rows = await runSql(
      postgres,
      "select version || '|' || content from config_versions where service = 'outage' order by version",
    );
    const kept = new Map(
      rows.map((row) => [Number(row.split('|', 1)[0]), JSON.parse(row.slice(row.indexOf('|') + 1))]),
    );
    const oldest = Math.min(...kept.keys());
    for (const [version, values] of written) {
      if (version >= oldest) expect(kept.get(version)).toEqual(values);
    }
    expect(Math.max(...kept.keys())).toBeGreaterThanOrEqual(acknowledged);
    // The stream was there all the while.
    await expect.poll(() => idsOf(stream).at(-1), { timeout: 20_000 }).toBe(String(Math.max(...kept.keys())));
  });

  it('lets watchers go when it stops', async () => {
    const path = '/stop/test';
    await put(path, { n: 1 });
    await using stream = await openStream(path, one);
    await expect.poll(() => idsOf(stream)).toEqual(['1']);
    const waiting = get(`${path}/watch?after=1&timeout=60`);
    await expect.poll(async () => (await get(path)).status).toBe(200);
    expect(await one.stop()).toBe(0);
    expect((await waiting).status).toBe(204);
    await expect.poll(() => stream.isOver).toBe(true);
    expect(await two.stop()).toBe(0);
  });
});
