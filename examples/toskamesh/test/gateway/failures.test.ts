import { once } from 'node:events';
import { Agent, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { startUpstream } from '../support/fake-upstream.ts';
import { readiness, startGateway, userToken } from './running-gateway.ts';

/** Takes a request in and breaks the connection: what became of it nobody can tell. */
function breakOff(received: IncomingMessage): void {
  received.resume();
  received.on('end', () => received.socket.destroy());
}

const statusOf = (status: number) => (_received: IncomingMessage, response: ServerResponse) =>
  void response.writeHead(status).end(`status ${status}`);

it('loses no request when one of two instances is killed, and uses it again when it is back', async () => {
  await using a = await startUpstream('config-service', 'a');
  await using b = await startUpstream('config-service', 'b');
  await using gateway = await startGateway([a.instance, b.instance], { Gateway__Breaker__PauseSeconds: '1' });
  const send = async (method: string): Promise<string> => {
    const body = method === 'POST' ? 'x' : null;
    const answer = await gateway.call('/api/config/x', { method, body });
    return `${answer.status} ${await answer.text()}`;
  };
  await a.kill();
  // Nothing of it is sent to one that refuses connections: a POST is as safe to try again as a GET.
  const answers = await Promise.all(Array.from({ length: 20 }, (_, count) => send(count % 2 === 0 ? 'GET' : 'POST')));
  expect(new Set(answers)).toEqual(new Set(['200 b']));
  const routes = async () => JSON.stringify(await (await gateway.call('/api/gateway/routes')).json());
  expect(await routes()).toContain('"breaker":"open"');
  expect(await (await fetch(`${gateway.url}/metrics`)).text()).toMatch(/gateway_retries_total\{[^}]*\} [1-9]/);
  await a.start();
  await expect.poll(() => send('GET'), { timeout: 10_000 }).toBe('200 a');
  expect(await routes()).not.toContain('"breaker":"open"');
});

it('tries a request that may be repeated on another instance, and no other', async () => {
  await using a = await startUpstream('config-service', 'a', breakOff);
  await using b = await startUpstream('config-service', 'b', (received, response) => void received.pipe(response));
  await using gateway = await startGateway([a.instance, b.instance], { Gateway__Breaker__Failures: '100' });
  const put = () => gateway.call('/api/config/x', { method: 'PUT', body: 'kept' });
  expect(await Promise.all([put(), put()].map(async (answer) => (await answer).text()))).toEqual(['kept', 'kept']);
  expect(a.requests).toHaveLength(1);

  const posts = await Promise.all([1, 2].map(() => gateway.call('/api/config/x', { method: 'POST', body: 'once' })));
  expect(posts.map(({ status }) => status).sort()).toEqual([200, 502]);
  const [lost] = posts.filter(({ status }) => status === 502);
  expect(await lost?.json()).toMatchObject({ title: 'Bad Gateway', detail: expect.stringContaining('may have done') });
  expect([...a.requests, ...b.requests].filter(({ method }) => method === 'POST')).toHaveLength(2);

  // Too large to be kept for a second try.
  const large = Buffer.alloc(200_000, 'l');
  const puts = await Promise.all([1, 2].map(() => gateway.call('/api/config/x', { method: 'PUT', body: large })));
  expect(puts.map(({ status }) => status).sort()).toEqual([200, 502]);
});

it('sends a streamed body to another instance when the first one refused the connection', async () => {
  await using a = await startUpstream('config-service', 'a');
  await using b = await startUpstream('config-service', 'b', (received, response) => void received.pipe(response));
  await using gateway = await startGateway([a.instance, b.instance]);
  await a.kill();
  const parts = Array.from({ length: 50 }, (_, count) => `${count} `.repeat(2000));
  for (let count = 0; count < 2; count++) {
    const body = Readable.toWeb(Readable.from(parts.map((part) => Buffer.from(part)))) as ReadableStream;
    const answer = await gateway.call('/api/config/x', { method: 'POST', body, duplex: 'half' });
    expect(await answer.text()).toBe(parts.join(''));
  }
  expect(b.requests.every(({ headers }) => headers['content-length'] === undefined)).toBe(true);
});

it('asks another instance when one says that it cannot work, and passes that on when there is no other', async () => {
  await using a = await startUpstream('config-service', 'a', statusOf(503));
  await using b = await startUpstream('config-service', 'b');
  await using gateway = await startGateway([a.instance, b.instance], { Gateway__Breaker__Failures: '100' });
  const texts = async () => (await gateway.call('/api/config/x')).text();
  expect([await texts(), await texts()]).toEqual(['b', 'b']);
  gateway.discovery.set([a.instance]);
  await expect.poll(texts).toBe('status 503');
});

it('stops trying again when the budget for it is used up', async () => {
  await using a = await startUpstream('config-service', 'a', breakOff);
  await using b = await startUpstream('config-service', 'b', breakOff);
  await using gateway = await startGateway([a.instance, b.instance], {
    Gateway__Breaker__Failures: '100',
    Gateway__Retry__BudgetPercent: '0',
    Gateway__Retry__Floor: '3',
  });
  for (let count = 0; count < 6; count++) {
    expect((await gateway.call('/api/config/x')).status).toBe(502);
  }
  expect(a.requests.length + b.requests.length).toBe(9);
});

it('leaves failing instances alone for a while, then lets one request try', async () => {
  let isWell = false;
  await using a = await startUpstream('config-service', 'a', (received, response) =>
    statusOf(isWell ? 200 : 502)(received, response),
  );
  await using gateway = await startGateway([a.instance], {
    Gateway__Breaker__Failures: '3',
    Gateway__Breaker__PauseSeconds: '1',
  });
  for (let count = 0; count < 3; count++) {
    expect((await gateway.call('/api/config/x')).status).toBe(502);
  }
  const refused = await gateway.call('/api/config/x');
  expect(refused.status).toBe(503);
  expect(refused.headers.get('retry-after')).toBe('1');
  expect(await refused.json()).toMatchObject({ detail: 'all instances of config-service fail; try again in 1 s' });
  expect(await (await fetch(`${gateway.url}/metrics`)).text()).toMatch(/gateway_breaker_open\{[^}]*\} 1/);
  expect(a.requests).toHaveLength(3);
  await expect.poll(async () => (await gateway.call('/api/config/x')).status, { timeout: 10_000 }).toBe(502);
  expect(a.requests).toHaveLength(4);
  isWell = true;
  await expect.poll(async () => (await gateway.call('/api/config/x')).status, { timeout: 10_000 }).toBe(200);
  expect((await gateway.call('/api/config/x')).status).toBe(200);
});

it('answers 504 when an instance takes too long, and asks no other', async () => {
  const silent = (received: IncomingMessage) => void received.resume();
  await using a = await startUpstream('config-service', 'a', silent);
  await using b = await startUpstream('config-service', 'b', silent);
  await using gateway = await startGateway([a.instance, b.instance], { Gateway__HeadersTimeoutSeconds: '1' });
  const late = await gateway.call('/api/config/x');
  expect(late.status).toBe(504);
  expect(await late.json()).toMatchObject({ title: 'Gateway Timeout', instance: '/api/config/x' });
  expect(a.requests.length + b.requests.length).toBe(1);
});

it('passes a stream on as it comes, and ends it when its reader goes away', async () => {
  let isClosed = false;
  let tell: (text: string) => void = () => undefined;
  await using a = await startUpstream('config-service', 'a', (_received, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
    tell = (text) => response.write(text);
    response.on('close', () => {
      isClosed = true;
    });
  });
  await using gateway = await startGateway([a.instance], { Gateway__HeadersTimeoutSeconds: '1' });
  const leaving = new AbortController();
  // The headers are there before the first event is.
  const answer = await gateway.call('/api/config/watch', { signal: leaving.signal });
  const reader = answer.body?.getReader();
  const next = async () => Buffer.from((await reader?.read())?.value ?? []).toString();
  for (const text of ['data: 1\n\n', 'data: 2\n\n']) {
    tell(text);
    expect(await next()).toBe(text);
  }
  // Longer than an answer may take to begin: a stream has no limit of time.
  await sleep(2500);
  tell('late');
  expect(await next()).toBe('late');
  leaving.abort();
  await expect.poll(() => isClosed).toBe(true);
  await gateway.service.logged(({ message, status }) => message === 'request cut short' && status === 499);
});

it('gives an instance’s request up when the caller goes away before the answer', async () => {
  let isClosed = false;
  await using a = await startUpstream('config-service', 'a', (_received, response) => {
    response.on('close', () => {
      isClosed = true;
    });
  });
  await using gateway = await startGateway([a.instance]);
  const leaving = new AbortController();
  const call = gateway.call('/api/config/x', { signal: leaving.signal }).catch(() => 'left');
  await expect.poll(() => a.requests.length).toBe(1);
  leaving.abort();
  expect(await call).toBe('left');
  await expect.poll(() => isClosed).toBe(true);
  expect(await (await gateway.call('/api/gateway/routes')).json()).toMatchObject({
    inFlight: 0,
    services: [{ instances: [{ failures: 0, inFlight: 0 }] }],
  });
});

it('cuts an answer off where its instance did, so that nobody takes it for whole', async () => {
  await using a = await startUpstream('config-service', 'a', (_received, response) => {
    response.write('half');
    setTimeout(() => response.destroy(), 50);
  });
  await using gateway = await startGateway([a.instance]);
  const answer = await gateway.call('/api/config/x');
  await expect(answer.text()).rejects.toThrow();
});

it('tells the answer to a caller whose upload is refused half way', async () => {
  await using a = await startUpstream('config-service', 'a', (received, response) => {
    // One that closed the connection with bytes unread would have it reset, and its answer perhaps with it.
    received.resume();
    response.writeHead(413).end('too large');
  });
  await using gateway = await startGateway([a.instance]);
  const { hostname, port } = new URL(gateway.url);
  const headers = { authorization: `Bearer ${await userToken()}` };
  const sent = request({ hostname, port, path: '/api/config/x', method: 'POST', headers });
  sent.on('error', () => undefined);
  sent.write(Buffer.alloc(300_000));
  const [response] = await once(sent, 'response');
  expect(response.statusCode).toBe(413);
  sent.destroy();
});

it('goes on with a connection on which an upload was refused', async () => {
  await using a = await startUpstream('config-service', 'a', (received, response) =>
    received.method === 'GET' ? statusOf(503)(received, response) : void received.socket.destroy(),
  );
  await using gateway = await startGateway([a.instance], { Gateway__Breaker__Failures: '1' });
  const { hostname, port } = new URL(gateway.url);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const headers = { authorization: `Bearer ${await userToken()}` };
  const ports = new Set<number | undefined>();
  const send = async (method: string, body: Buffer): Promise<number | undefined> => {
    const sent = request({ hostname, port, path: '/api/config/x', method, headers, agent });
    sent.end(body);
    const [response] = await once(sent, 'response');
    ports.add(response.socket.localPort);
    await once(response.resume(), 'end');
    return response.statusCode;
  };
  const large = Buffer.alloc(5_000_000);
  // Refused by the instance; then, once its breaker is open, by the gateway, which sends it to nobody.
  expect(await send('PUT', large)).toBe(502);
  expect(await send('GET', Buffer.alloc(0))).toBe(503);
  expect(await send('PUT', large)).toBe(503);
  expect(await send('GET', Buffer.alloc(0))).toBe(503);
  expect(ports.size).toBe(1);
  expect(a.requests).toHaveLength(2);
  agent.destroy();
});

it('does not hold it against an instance that it breaks off uploads', async () => {
  await using a = await startUpstream('config-service', 'a', (received, response) =>
    received.method === 'GET' ? void response.end('a') : void received.socket.destroy(),
  );
  await using gateway = await startGateway([a.instance], { Gateway__Breaker__Failures: '2' });
  const body = Buffer.alloc(1_000_000);
  for (let count = 0; count < 3; count++) {
    expect((await gateway.call('/api/config/x', { method: 'PUT', body })).status).toBe(502);
  }
  expect((await gateway.call('/api/config/x')).status).toBe(200);
});

it('does not wait for ever for a body that it is to keep', async () => {
  await using a = await startUpstream('config-service', 'a');
  await using gateway = await startGateway([a.instance], { Gateway__HeadersTimeoutSeconds: '1' });
  const { hostname, port } = new URL(gateway.url);
  const headers = { authorization: `Bearer ${await userToken()}`, 'content-length': '10' };
  const sent = request({ hostname, port, path: '/api/config/x', method: 'POST', headers });
  sent.on('error', () => undefined);
  sent.write('half');
  const [response] = await once(sent, 'response');
  expect(response.statusCode).toBe(408);
  expect(a.requests).toHaveLength(0);
  sent.destroy();
});

it('bounds how many requests are under way', async () => {
  await using a = await startUpstream('config-service', 'a', () => undefined);
  await using gateway = await startGateway([a.instance], { Gateway__MaxInFlight: '1' });
  const leaving = new AbortController();
  void gateway.call('/api/config/x', { signal: leaving.signal }).catch(() => undefined);
  await expect.poll(() => a.requests.length).toBe(1);
  const refused = await gateway.call('/api/config/x');
  expect(refused.status).toBe(503);
  expect(await refused.json()).toMatchObject({ detail: 'too many requests are under way; try again' });
  leaving.abort();
});

it('answers from its last table while discovery is away, and follows it when it is back', async () => {
  await using a = await startUpstream('config-service', 'a');
  await using b = await startUpstream('config-service', 'b');
  await using gateway = await startGateway([a.instance], { Gateway__DiscoveryGraceSeconds: '1' });
  const text = async () => (await gateway.call('/api/config/x')).text();
  expect(await text()).toBe('a');
  gateway.discovery.kill();
  await gateway.service.logged(({ message }) => message === 'discovery is away: routing by the last table');
  expect(await text()).toBe('a');
  await expect.poll(() => readiness(gateway.url), { timeout: 20_000 }).toBe(503);
  expect(await text()).toBe('a');

  // It has forgotten everybody, as a registry in memory does: nobody is turned away until they have registered again.
  gateway.discovery.set([]);
  await gateway.discovery.start();
  await expect.poll(() => gateway.discovery.watchers, { timeout: 20_000 }).toBe(1);
  await expect.poll(() => readiness(gateway.url), { timeout: 20_000 }).toBe(200);
  expect(await text()).toBe('a');
  gateway.discovery.set([b.instance]);
  await expect.poll(text).toBe('b');
  gateway.discovery.set([]);
  await expect.poll(async () => (await gateway.call('/api/config/x')).status, { timeout: 20_000 }).toBe(503);
});
