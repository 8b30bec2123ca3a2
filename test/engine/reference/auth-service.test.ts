import { randomBytes, scryptSync } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RunningService, startService } from '../../../examples/toskamesh/test/support/running-service.ts';
import { connectionString, type Server, startServer } from '../../../examples/toskamesh/test/support/server.ts';
import { runSql } from '../../../examples/toskamesh/test/support/sql.ts';
import { readiness, untilReady } from '../../../examples/toskamesh/test/support/until-ready.ts';
import { describeEngine } from '../support/engine-test.ts';

const PASSWORD = 'correct horse battery';
const PER_USERNAME = 3;
const PER_ADDRESS = 5;

interface Pair {
  readonly accessToken: string;
  readonly refreshToken: string;
}

let addresses = 0;

/** One that nobody else has, so that a test is limited by what it does itself. */
function newAddress(): string {
  addresses += 1;
  return `203.0.${Math.floor(addresses / 250)}.${1 + (addresses % 250)}`;
}

function post(service: RunningService, action: string, body: object, address = newAddress()): Promise<Response> {
  const headers = { 'content-type': 'application/json', 'x-forwarded-for': address };
  return fetch(`${service.url}/api/auth/${action}`, { method: 'POST', headers, body: JSON.stringify(body) });
}

async function pairOf(answer: Response): Promise<Pair> {
  expect(answer.status).toBe(200);
  return answer.json() as Promise<Pair>;
}

const statusesOf = async (answers: readonly Promise<Response>[]): Promise<readonly number[]> =>
  (await Promise.all(answers)).map(({ status }) => status).sort();

describeEngine('auth-service on PostgreSQL', () => {
  let postgres: Server;
  let one: RunningService;
  let two: RunningService;
  let environment: Readonly<Record<string, string>>;

  const register = (username: string, service = one) => post(service, 'register', { username, password: PASSWORD });
  const logIn = async (username: string, service = one) =>
    pairOf(await post(service, 'login', { username, password: PASSWORD }));
  const refresh = (refreshToken: string, service = one) => post(service, 'refresh', { refreshToken });
  const me = (accessToken: string, service = one) =>
    fetch(`${service.url}/api/auth/me`, { headers: { authorization: `Bearer ${accessToken}` } });

  beforeAll(async () => {
    postgres = await startServer('postgres');
    environment = {
      ConnectionStrings__DefaultConnection: connectionString(postgres),
      Jwt__Secret: '0123456789abcdef0123456789abcdef',
      Auth__LoginLimit__PerUsername: String(PER_USERNAME),
      Auth__LoginLimit__PerAddress: String(PER_ADDRESS),
    };
    // At once, and before the server answers: both find tables to make.
    [one, two] = await Promise.all([
      startService('auth-service', environment),
      startService('auth-service', environment),
    ]);
    await untilReady(one, two);
  });

  afterAll(async () => {
    await Promise.all([one, two, postgres].map((started) => started?.[Symbol.asyncDispose]()));
  });

  it('makes its tables once, however many replicas start', async () => {
    expect(await runSql(postgres, 'select name from migrations_auth_service order by id')).toEqual([
      '1_users',
      '2_sessions',
      '3_attempts',
    ]);
  });

  it('registers a user who then logs in at another replica', async () => {
    const registered = await register('Alice');
    expect(registered.status).toBe(201);
    const { id } = (await registered.json()) as { readonly id: string };
    const answer = await post(two, 'login', { username: 'ALICE', password: PASSWORD });
    expect(answer.headers.get('cache-control')).toBe('no-store');
    const pair = await pairOf(answer);
    expect(pair).toMatchObject({ tokenType: 'Bearer', expiresIn: 24 * 3600 });
    expect(await (await me(pair.accessToken)).json()).toMatchObject({ id, username: 'Alice' });
  });

  it('gives a name to one user only, whatever its case', async () => {
    const answers = ['Carol', 'carol', 'CAROL', 'cArOl'].map((name, index) =>
      register(name, index % 2 === 0 ? one : two),
    );
    expect(await statusesOf(answers)).toEqual([201, 409, 409, 409]);
  });

  it('does not tell a wrong password from an unknown user', async () => {
    await register('dave');
    const bodies = await Promise.all(
      ['dave', 'nobody'].map(async (username) => {
        const answer = await post(one, 'login', { username, password: 'wrong horse battery' });
        expect(answer.status).toBe(401);
        const { requestId: _, ...body } = (await answer.json()) as { readonly requestId: string };
        return body;
      }),
    );
    expect(bodies[0]).toEqual(bodies[1]);
  });

  it('keeps no password and no refresh token', async () => {
    await register('erin');
    const { refreshToken } = await logIn('erin');
    const rows = await runSql(postgres, 'select * from auth_users; select * from auth_sessions');
    const secret = Buffer.from(refreshToken, 'base64url').subarray(16).toString('hex');
    expect(rows.join('\n')).toContain('$scrypt$ln=15,r=8,p=3$');
    expect(rows.join('\n')).not.toMatch(new RegExp(`${PASSWORD}|${secret}`));
  });

  it('hashes a password anew when the parameters have changed since', async () => {
    await register('frank');
    const salt = randomBytes(16);
    const key = scryptSync(PASSWORD, salt, 32, { N: 2 ** 12, r: 8, p: 1 });
    const [saltText, keyText] = [salt, key].map((bytes) => bytes.toString('base64').replaceAll('=', ''));
    const old = `$scrypt$ln=12,r=8,p=1$${saltText}$${keyText}`;
    await runSql(postgres, `update auth_users set password_hash = '${old}' where username_key = 'frank'`);
    await logIn('frank');
    const [stored] = await runSql(postgres, "select password_hash from auth_users where username_key = 'frank'");
    expect(stored).toMatch(/^\$scrypt\$ln=15,r=8,p=3\$/);
    await logIn('frank');
  });

  it('takes each refresh token once; a second use ends the session', async () => {
    await register('grace');
    const first = await logIn('grace');
    const second = await pairOf(await refresh(first.refreshToken, two));
    const third = await pairOf(await refresh(second.refreshToken));
    expect((await me(third.accessToken)).status).toBe(200);
    expect((await refresh(first.refreshToken)).status).toBe(401);
    expect((await refresh(third.refreshToken)).status).toBe(401);
  });

  it('gives one new pair at most for a token that is used twice at the same moment', async () => {
    await register('heidi');
    const { refreshToken } = await logIn('heidi');
    const answers = await Promise.all([one, two, one, two].map((service) => refresh(refreshToken, service)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401, 401]);
    const winner = answers.find(({ status }) => status === 200);
    const pair = (await winner?.json()) as Pair;
    expect((await refresh(pair.refreshToken)).status).toBe(401);
  });

  it('ends a session when asked to, as often as it is asked, and no other', async () => {
    await register('ivan');
    const [left, kept] = [await logIn('ivan'), await logIn('ivan')];
    for (const refreshToken of [left.refreshToken, left.refreshToken, 'no token at all']) {
      expect((await post(two, 'revoke', { refreshToken })).status).toBe(204);
    }
    expect((await refresh(left.refreshToken)).status).toBe(401);
    expect((await refresh(kept.refreshToken)).status).toBe(200);
  });

  it('limits the logins of a user over all replicas, also when all are tried at once', async () => {
    await register('judy');
    const tries = (count: number, username: string) =>
      Array.from({ length: count }, (_, index) =>
        post(index % 2 === 0 ? one : two, 'login', { username, password: 'wrong horse battery' }),
      );
    expect(await statusesOf(tries(PER_USERNAME + 3, 'judy'))).toEqual([401, 401, 401, 429, 429, 429]);
    const refused = await post(one, 'login', { username: 'JUDY', password: PASSWORD });
    expect(refused.status).toBe(429);
    expect(refused.headers.get('content-type')).toContain('application/problem+json');
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    // A window that has passed counts no more.
    await runSql(postgres, "update auth_attempts set window_ends = now() where key = 'username:judy'");
    await logIn('judy');
    // A success forgets the failures before it.
    expect(await statusesOf(tries(PER_USERNAME, 'judy'))).toEqual([401, 401, 401]);
  });

  it('limits the logins of an address, whoever as', async () => {
    const address = newAddress();
    const answers = Array.from({ length: PER_ADDRESS + 2 }, (_, index) =>
      post(index % 2 === 0 ? one : two, 'login', { username: `user-${index}`, password: PASSWORD }, address),
    );
    const statuses = await statusesOf(answers);
    expect(statuses.filter((status) => status === 401)).toHaveLength(PER_ADDRESS);
    expect(statuses.filter((status) => status === 429)).toHaveLength(2);
    // Of those that were refused no name was written down.
    const [rows] = await runSql(postgres, "select count(*) from auth_attempts where key like 'username:user-%'");
    expect(rows).toBe(String(PER_ADDRESS));
  });

  it('keeps the newest 20 sessions of a user', async () => {
    await register('mallory');
    await runSql(
      postgres,
      `insert into auth_sessions (id, user_id, secret_hash, created_at, expires_at)
       select gen_random_uuid(), id, '', now() - n * interval '1 minute', now() + interval '1 day'
       from auth_users, generate_series(1, 25) n where username_key = 'mallory'`,
    );
    const { refreshToken } = await logIn('mallory');
    const ages = `select count(*), max(now() - created_at) < interval '20 minutes' from auth_sessions
      where user_id = (select id from auth_users where username_key = 'mallory')`;
    expect(await runSql(postgres, ages)).toEqual(['20|t']);
    expect((await refresh(refreshToken)).status).toBe(200);
  });

  it('deletes what has expired and nothing else', async () => {
    await runSql(
      postgres,
      `insert into auth_attempts select 'expired:' || n, 1, now() - interval '1 second' from generate_series(1, 2500) n;
       insert into auth_attempts values ('lasting', 1, now() + interval '1 hour');
       insert into auth_sessions (id, user_id, secret_hash, expires_at)
       select gen_random_uuid(), id, '', now() - interval '1 second' from auth_users`,
    );
    await using third = await startService('auth-service', environment);
    await untilReady(third);
    const expired = `select count(*) from auth_attempts where window_ends < now()
      union all select count(*) from auth_sessions where expires_at < now()`;
    await expect.poll(() => runSql(postgres, expired), { timeout: 30_000 }).toEqual(['0', '0']);
    expect(await runSql(postgres, "select attempts from auth_attempts where key = 'lasting'")).toEqual(['1']);
  });

  it('answers 503 and nothing wrong while PostgreSQL is away, and loses no user', async () => {
    await register('kate');
    const { accessToken } = await logIn('kate');
    const seen = { register: [] as number[], me: [] as number[], login: [] as number[] };
    const added: string[] = [];
    let isOver = false;
    const keepOn = async (kind: keyof typeof seen, ask: () => Promise<Response>) => {
      while (!isOver) seen[kind].push((await ask()).status);
    };
    const registerNext = async () => {
      const username = `user-${randomBytes(8).toString('hex')}`;
      const answer = await register(username);
      if (answer.status === 201) added.push(username);
      return answer;
    };
    const asking = [
      keepOn('register', registerNext),
      keepOn('me', () => me(accessToken, two)),
      keepOn('login', () => post(two, 'login', { username: 'kate', password: PASSWORD })),
    ];
    const kinds = ['register', 'me', 'login'] as const;
    const soFar = () => ({ register: seen.register.length, me: seen.me.length, login: seen.login.length });
    const everyoneSees = async (kindOfStatus: 'good' | 'away') => {
      const before = soFar();
      const isSeen = (kind: keyof typeof seen) =>
        seen[kind].slice(before[kind]).some((status) => (kindOfStatus === 'good' ? status < 300 : status === 503));
      await expect.poll(() => kinds.every(isSeen), { timeout: 60_000 }).toBe(true);
    };

    await everyoneSees('good');
    await postgres.kill();
    await everyoneSees('away');
    await expect.poll(() => readiness(one)).toBe(503);
    await postgres.start();
    await untilReady(one, two);
    await everyoneSees('good');
    isOver = true;
    await Promise.all(asking);

    expect([...new Set(seen.me)].sort()).toEqual([200, 503]);
    expect([...new Set(seen.login)].sort()).toEqual([200, 503]);
    expect([...new Set(seen.register)].sort()).toEqual([201, 503]);
    const stored = new Set(await runSql(postgres, 'select username from auth_users'));
    expect(added.filter((username) => !stored.has(username))).toEqual([]);
    expect(await Promise.all([one.stop(), two.stop()])).toEqual([0, 0]);
  });
});
