import { once } from 'node:events';
import { request } from 'node:http';
import { expect, it } from 'vitest';
import { startUpstream } from '../support/fake-upstream.ts';
import { runToEnd, startService } from '../support/running-service.ts';
import { JWT_SECRET, readiness, SERVICE_SECRET, startGateway, userToken } from './running-gateway.ts';

it('gives the instances of a service their turns and passes path, query, body and ids on unchanged', async () => {
  await using a = await startUpstream('config-service', 'a');
  await using b = await startUpstream('config-service', 'b', (received, response) => {
    response.writeHead(201, { connection: 'close, x-hop', 'x-hop': '1', 'set-cookie': ['a=1', 'b=2'], etag: '"7"' });
    received.pipe(response);
  });
  await using gateway = await startGateway([a.instance, b.instance]);
  const served: (string | null)[] = [];
  for (let count = 0; count < 4; count++) {
    served.push((await gateway.call('/api/config/x')).headers.get('x-served-by'));
  }
  expect(served).toEqual(['a', 'b', 'a', 'b']);

  await gateway.call('/api/config/first');
  const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
  const answer = await gateway.call('/api/config/a%20b/c?d=%2F&e', {
    method: 'POST',
    body: 'hello',
    headers: { 'x-request-id': 'request-1', traceparent: `00-${trace}-00f067aa0ba902b7-01`, 'content-type': 'text/x' },
  });
  expect(answer.status).toBe(201);
  expect(await answer.text()).toBe('hello');
  expect(answer.headers.get('x-request-id')).toBe('request-1');
  expect(answer.headers.get('etag')).toBe('"7"');
  expect(answer.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
  expect(answer.headers.has('x-hop')).toBe(false);

  const received = b.requests.at(-1);
  expect(received?.url).toBe('/api/config/a%20b/c?d=%2F&e');
  expect(received?.headers).toMatchObject({
    'x-request-id': 'request-1',
    'content-type': 'text/x',
    'content-length': '5',
    'x-forwarded-for': '127.0.0.1',
    'x-forwarded-proto': 'http',
    'x-forwarded-host': new URL(gateway.url).host,
    traceparent: expect.stringMatching(`^00-${trace}-(?!00f067aa0ba902b7)[0-9a-f]{16}-01$`),
  });
  const line = await gateway.service.logged(({ requestId }) => requestId === 'request-1');
  expect(line).toMatchObject({ status: 201, path: '/api/config/a%20b/c', traceId: trace });
  expect(JSON.stringify(gateway.service.logs)).not.toContain(await userToken());
});

it('tells instances the address of a caller as far as it can know it', async () => {
  await using upstream = await startUpstream('config-service', 'a');
  const claims = { 'x-forwarded-for': '203.0.113.9', 'x-forwarded-proto': 'https', 'x-real-ip': '203.0.113.9' };
  const told = async (environment: Readonly<Record<string, string>>) => {
    await using gateway = await startGateway([upstream.instance], environment);
    expect((await gateway.call('/api/config/x', { headers: claims })).status).toBe(200);
    const { headers } = upstream.requests.at(-1) ?? {};
    return [headers?.['x-forwarded-for'], headers?.['x-forwarded-proto'], headers?.['x-real-ip']];
  };
  expect(await told({})).toEqual(['127.0.0.1', 'http', undefined]);
  expect(await told({ Gateway__TrustedProxies: '192.0.2.0/24' })).toEqual(['127.0.0.1', 'http', undefined]);
  expect(await told({ Gateway__TrustedProxies: 'loopback' })).toEqual(['203.0.113.9, 127.0.0.1', 'https', undefined]);
});

it('sends nothing to an instance that is not passing, and names a service without any', async () => {
  await using a = await startUpstream('config-service', 'a');
  await using b = await startUpstream('config-service', 'b');
  await using gateway = await startGateway([{ ...a.instance, passing: false }, b.instance]);
  for (let count = 0; count < 4; count++) {
    expect(await (await gateway.call('/api/config/x')).text()).toBe('b');
  }
  gateway.discovery.set([{ ...a.instance, passing: false }]);
  await expect.poll(async () => (await gateway.call('/api/config/x')).status).toBe(503);
  const refused = await gateway.call('/api/config/x');
  expect(refused.headers.get('content-type')).toContain('application/problem+json');
  expect(refused.headers.get('retry-after')).toBe('1');
  expect(await refused.json()).toMatchObject({
    status: 503,
    detail: 'no instance of config-service can be called; try again',
    instance: '/api/config/x',
  });
  expect(a.requests).toHaveLength(0);

  // One that the mesh has, though no instance of it was seen yet; and one that nobody knows.
  expect((await gateway.call('/api/traces/x')).status).toBe(503);
  const unknown = await gateway.call('/api/nothing/x');
  expect(unknown.status).toBe(404);
  expect(await unknown.json()).toMatchObject({ title: 'Not Found', detail: 'no service is called nothing' });

  gateway.discovery.set([b.instance, { ...a.instance, service: 'orders' }]);
  await expect.poll(async () => (await gateway.call('/api/orders/1')).status).toBe(200);
});

it('wants a good token, but for getting one', async () => {
  await using a = await startUpstream('auth-service', 'a');
  await using gateway = await startGateway([a.instance]);
  const statusOf = async (path: string, init: RequestInit = {}) => (await fetch(`${gateway.url}${path}`, init)).status;
  for (const name of ['register', 'login', 'refresh', 'revoke']) {
    expect(await statusOf(`/api/auth/${name}`, { method: 'POST', body: '{}' })).toBe(200);
  }
  expect(await statusOf('/api/auth/login')).toBe(401);
  expect(await statusOf('/api/auth/users', { method: 'POST' })).toBe(401);
  expect(await statusOf('/api/gateway/routes')).toBe(401);
  expect(await statusOf('/health')).toBe(200);
  const refused = await fetch(`${gateway.url}/api/auth/users`, { headers: { authorization: 'Bearer a.b.c' } });
  expect(refused.headers.get('www-authenticate')).toBe('Bearer');
  expect(await refused.json()).toMatchObject({ status: 401, detail: 'the bearer token is refused: it is not a JWT' });
  expect(a.requests).toHaveLength(4);
});

it('refuses every token without a key to check it with, and says so', async () => {
  await using a = await startUpstream('auth-service', 'a');
  await using gateway = await startGateway([a.instance], { Jwt__SecretKey: '' });
  expect((await gateway.call('/api/auth/users')).status).toBe(401);
  expect((await fetch(`${gateway.url}/api/auth/login`, { method: 'POST' })).status).toBe(200);
  expect(gateway.service.logs).toContainEqual(
    expect.objectContaining({ message: 'Jwt__SecretKey is not set: every request with a bearer token is refused' }),
  );
});

it('ends at a setting with which it cannot run', async () => {
  const { code, logs } = await runToEnd('gateway', { Mesh__ServiceAuth__Secret: 'short' });
  expect(code).toBe(3);
  expect(logs.at(-1)?.message).toContain('Mesh__ServiceAuth__Secret');
  expect((await runToEnd('gateway', { Mesh__ServiceAuth__Secret: SERVICE_SECRET, Jwt__SecretKey: 'x' })).code).toBe(3);
});

it('limits each user, and callers without a token by their address', async () => {
  await using a = await startUpstream('config-service', 'a');
  await using gateway = await startGateway([a.instance], {
    Gateway__RateLimit__RequestsPerSecond: '1',
    Gateway__RateLimit__Burst: '2',
  });
  const answers = [];
  for (let count = 0; count < 3; count++) {
    answers.push(await gateway.call('/api/config/x'));
  }
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 429]);
  expect(answers.map(({ headers }) => headers.get('ratelimit-remaining'))).toEqual(['1', '0', '0']);
  expect(answers[2]?.headers.get('retry-after')).toBe('1');
  expect(await answers[2]?.json()).toMatchObject({ status: 429, title: 'Too Many Requests' });
  const bob = { headers: { authorization: `Bearer ${await userToken('bob')}` } };
  expect((await gateway.call('/api/config/x', bob)).status).toBe(200);
  const guess = () => fetch(`${gateway.url}/api/config/x`, { headers: { authorization: 'Bearer guess' } });
  expect([await guess(), await guess(), await guess()].map(({ status }) => status)).toEqual([401, 401, 429]);
});

it('refuses a web socket', async () => {
  await using a = await startUpstream('config-service', 'a');
  await using gateway = await startGateway([a.instance]);
  const { hostname, port } = new URL(gateway.url);
  const authorization = `Bearer ${await userToken()}`;
  const headers = { authorization, connection: 'upgrade', upgrade: 'websocket' };
  const sent = request({ hostname, port, path: '/api/config/x', headers }).end();
  const [response] = await once(sent, 'response');
  expect(response.statusCode).toBe(501);
  response.resume();
  expect(a.requests).toHaveLength(0);
});

it('answers a target that cannot be decoded with a problem, too', async () => {
  await using gateway = await startGateway([]);
  const answer = await gateway.call('/api/config/%zz');
  expect(answer.status).toBe(400);
  expect(answer.headers.get('content-type')).toContain('application/problem+json');
});

it('tells what it knows, in JSON and to Prometheus', async () => {
  await using a = await startUpstream('config-service', 'a');
  await using gateway = await startGateway([a.instance]);
  await (await gateway.call('/api/config/x')).text();
  expect(await (await gateway.call('/api/gateway/routes')).json()).toMatchObject({
    table: { source: 'discovery', loaded: true },
    inFlight: 0,
    services: [
      {
        name: 'config-service',
        instances: [{ id: 'a', passing: true, breaker: 'closed', requests: 1, failures: 0, inFlight: 0 }],
      },
    ],
  });
  const metrics = await (await fetch(`${gateway.url}/metrics`)).text();
  expect(metrics).toMatch(
    /gateway_upstream_requests_total\{upstream="config-service",code="200",service="gateway"\} 1/,
  );
  expect(metrics).toMatch(/gateway_breaker_open\{upstream="config-service",service="gateway"\} 0/);
});

it('sends its spans to the tracing service that it finds in its table', async () => {
  const bodies: string[] = [];
  await using traces = await startUpstream('tracing-service', 't', (received, response) => {
    received.on('data', (chunk) => bodies.push(String(chunk)));
    received.on('end', () => response.end('{}'));
  });
  await using gateway = await startGateway([traces.instance]);
  await gateway.call('/api/traces/x');
  await expect.poll(() => bodies.join(''), { timeout: 10_000 }).toContain('GET tracing-service');
  expect(bodies.join('')).toContain('service.instance.id');
});

it('is not ready without discovery, nor with a secret that is not discovery’s', async () => {
  await using alone = await startService('gateway', {
    Mesh__ServiceAuth__Secret: SERVICE_SECRET,
    Mesh__ServiceDiscovery__Grpc__Address: 'http://127.0.0.1:9',
    Jwt__SecretKey: JWT_SECRET,
  });
  expect(await readiness(alone.url)).toBe(503);
  await using gateway = await startGateway([]);
  await using stranger = await startService('gateway', {
    Mesh__ServiceAuth__Secret: 'another secret of thirty-two bytes or more',
    Mesh__ServiceDiscovery__Grpc__Address: gateway.discovery.url,
  });
  await stranger.logged(({ reason }) => String(reason).startsWith('UNAUTHENTICATED'));
  expect(await readiness(stranger.url)).toBe(503);
  expect(await gateway.service.stop()).toBe(0);
});
