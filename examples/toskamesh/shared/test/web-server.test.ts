import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { App } from '../src/app.ts';
import { Dependency } from '../src/dependency.ts';
import { parseListenUrl } from '../src/listen-url.ts';
import { createLogger } from '../src/log.ts';
import { Problem, Unavailable } from '../src/problem.ts';
import { requireToken } from '../src/require-token.ts';
import { signToken } from '../src/tokens.ts';
import { WebServer, type WebServerOptions } from '../src/web-server.ts';

const log = createLogger('test', 'silent');

async function serve(options: Partial<WebServerOptions>, addRoutes: (app: App) => void = () => undefined) {
  const addresses = [parseListenUrl('URLS', 'http://127.0.0.1:0')];
  const web = new WebServer({ service: 'test', log, addresses, dependencies: [], ...options });
  addRoutes(web.app);
  await web.listen();
  const agent = new Agent({ keepAlive: true });
  const get = (path: string): Promise<{ readonly status: number; readonly text: string }> =>
    new Promise((resolve, reject) => {
      const sent = request({ host: '127.0.0.1', port: web.port, path, agent }, (response) => {
        let text = '';
        response.on('data', (chunk) => {
          text += String(chunk);
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
      });
      sent.on('error', reject);
      sent.end();
    });
  return { web, get };
}

describe('WebServer', () => {
  it('names each check and its last answer while it is unready', async () => {
    const down = new Dependency({ name: 'postgres', log, probe: () => Promise.reject(new Error('no answer')) });
    const { web, get } = await serve({ dependencies: [down], facts: () => ({ registry: 'memory' }) });
    expect(JSON.parse((await get('/health/ready')).text)).toEqual({
      status: 'unready',
      checks: { postgres: 'starting' },
      registry: 'memory',
    });
    expect((await get('/health/ready')).status).toBe(503);
    expect((await get('/health/live')).status).toBe(200);
    await web.close();
  });

  it('finishes an open request when it stops, and does not wait for its kept-alive connection', async () => {
    let finish = (): void => undefined;
    let entered = (): void => undefined;
    const begun = new Promise<void>((resolve) => {
      entered = resolve;
    });
    const handle = () =>
      new Promise<string>((resolve) => {
        finish = () => resolve('done');
        entered();
      });
    const { web, get } = await serve({}, (app) => app.get('/slow', handle));
    const answer = get('/slow');
    await begun;

    web.drain();
    expect(web.ready).toBe(false);
    const closed = web.close();
    finish();
    expect(await answer).toEqual({ status: 200, text: 'done' });
    // It would outlast this test's time limit, were its kept-alive connection waited for.
    await closed;
  });

  it('asks for the end of the connection with whatever it answers from the stop on', async () => {
    const { web } = await serve({}, (app) =>
      app.get('/stop', async () => {
        web.drain();
        return 'done';
      }),
    );
    const answer = fetch(`http://127.0.0.1:${web.port}/stop`);
    expect((await answer).headers.get('connection')).toBe('close');
    await web.close();
  });

  it('closes a connection that was opened ahead and never used', async () => {
    const { web } = await serve({});
    const accepted = once(web.app.server, 'connection');
    const connection = connect(web.port, '127.0.0.1');
    const [socket] = await accepted;
    const closed = web.close();
    // At once, and not when the time for open requests is over.
    expect(socket.destroyed).toBe(true);
    await closed;
    connection.destroy();
  });

  it('serves metrics unless told not to', async () => {
    const served = await serve({});
    expect((await served.get('/metrics')).text).toContain('process_resident_memory_bytes');
    await served.web.close();
    const none = await serve({ metrics: 'none' });
    expect((await none.get('/metrics')).status).toBe(404);
    await none.web.close();
  });

  it('answers what is wrong as problem+json, all of it at once', async () => {
    const schema = {
      body: {
        type: 'object',
        required: ['name'],
        additionalProperties: false,
        properties: { name: { type: 'string' }, size: { type: 'integer' } },
      },
    } as const;
    const { web } = await serve({}, (app) => app.post('/things', { schema }, async () => 'made'));
    const send = (body: string, type = 'application/json') =>
      fetch(`http://127.0.0.1:${web.port}/things`, { method: 'POST', body, headers: { 'content-type': type } });

    const response = await send('{"size":"1","more":1}');
    expect(response.status).toBe(400);
    expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(await response.json()).toEqual({
      type: 'about:blank',
      title: 'Bad Request',
      status: 400,
      detail: 'the body is not as expected',
      instance: '/things',
      requestId: expect.any(String),
      errors: [
        { field: '/name', message: "must have required property 'name'" },
        { field: '/more', message: 'must NOT have additional properties' },
        { field: '/size', message: 'must be integer' },
      ],
    });
    expect((await send('{')).status).toBe(400);
    expect((await send('a=1', 'application/x-www-form-urlencoded')).status).toBe(415);
    expect((await send(`{"name":"${'x'.repeat(1024 * 1024)}"}`)).status).toBe(413);
    await web.close();
  });

  it('tells a server that does not answer from a fault of its own, and hides what is inside', async () => {
    const { web, get } = await serve({}, (app) => {
      app.get('/away', async () => {
        throw new Unavailable('the database', new Error('ECONNREFUSED'));
      });
      app.get('/broken', async () => {
        throw new Error('secret detail');
      });
      app.get('/teapot', async () => {
        throw new Problem(418, 'short and stout');
      });
    });
    expect(await get('/away')).toMatchObject({ status: 503 });
    expect((await get('/broken')).text).not.toContain('secret');
    expect(await get('/broken')).toMatchObject({ status: 500 });
    expect((await get('/teapot')).text).toContain('short and stout');
    expect(await get('/nowhere')).toMatchObject({ status: 404 });
    await web.close();
  });

  it('lets nobody in without a token but where a route is public, and nobody anywhere with a bad one', async () => {
    const secret = 'a secret of at least thirty-two bytes';
    const parties = { issuer: 'ToskaMesh', audience: 'ToskaMesh' };
    const { web } = await serve({}, (app) => {
      requireToken(app, secret, parties);
      app.get('/mine', async (request) => ({ user: request.user?.subject }));
      app.get('/open', { config: { public: true } }, async () => ({}));
    });
    const call = async (path: string, authorization = '') => {
      const response = await fetch(`http://127.0.0.1:${web.port}${path}`, { headers: { authorization } });
      return { status: response.status, body: await response.json() };
    };
    const { token } = await signToken(secret, { ...parties, subject: 'alice', lifetimeSeconds: 60 });
    expect(await call('/mine')).toMatchObject({ status: 401 });
    expect(await call('/mine', `Bearer ${token}`)).toEqual({ status: 200, body: { user: 'alice' } });
    expect(await call('/open')).toMatchObject({ status: 200 });
    expect(await call('/open', 'Bearer nonsense')).toMatchObject({ status: 401 });
    expect(await call('/nowhere')).toMatchObject({ status: 404 });
    expect(await call('/health/live')).toMatchObject({ status: 200 });
    await web.close();
  });
});
