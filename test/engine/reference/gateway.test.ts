import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { startService } from '../../../examples/toskamesh/test/support/running-service.ts';
import { startServer } from '../../../examples/toskamesh/test/support/server.ts';
import { freePorts } from '../../support/free-ports.ts';
import { describeEngine } from '../support/engine-test.ts';

const SERVICE_SECRET = 'the secret that services share with each other';
const JWT_SECRET = 'the secret that users tokens are signed with';

/** An instance that answers its id, in discovery's registry for as long as it sends heartbeats. */
async function startInstance(id: string, discoveryUrl: () => string) {
  const server = createServer((_request, response) => void response.end(id));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const body = JSON.stringify({ id, service: 'orders', address: '127.0.0.1', port });
  const register = () => {
    const url = `${discoveryUrl()}/api/discovery/instances`;
    const options = { method: 'POST', headers: { 'content-type': 'application/json' }, body };
    return fetch(url, options).catch(() => undefined);
  };
  await register();
  const timer = setInterval(register, 1000);
  return {
    [Symbol.asyncDispose]: async () => {
      clearInterval(timer);
      server.closeAllConnections();
      server.close();
    },
  };
}

function userToken(): string {
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const exp = Math.floor(Date.now() / 1000) + 3600;
  const claims = encode({ iss: 'ToskaMesh', aud: 'ToskaMesh', sub: 'ada', jti: '1', iat: exp - 3600, exp });
  const content = `${encode({ alg: 'HS256', typ: 'JWT' })}.${claims}`;
  return `${content}.${createHmac('sha256', JWT_SECRET).update(content).digest('base64url')}`;
}

/** Calls again and again until it is stopped, and keeps each answer that is not as it should be. */
function callWithoutPause(call: () => Promise<string>) {
  const wrong: string[] = [];
  let calls = 0;
  let isRunning = true;
  const loop = (async () => {
    while (isRunning) {
      const answer = await call();
      calls += 1;
      if (!/^200 [ab]$/.test(answer)) wrong.push(answer);
    }
  })();
  return {
    wrong,
    get calls() {
      return calls;
    },
    stop: async () => {
      isRunning = false;
      await loop;
    },
  };
}

describeEngine('the gateway with the real discovery', () => {
  it('answers every request while Consul and then discovery are killed and started again', async () => {
    await using consul = await startServer('consul');
    const [grpcPort] = await freePorts(1);
    const startDiscovery = () =>
      startService('discovery', {
        Kestrel__Endpoints__Grpc__Url: `http://127.0.0.1:${grpcPort}`,
        Mesh__ServiceAuth__Secret: SERVICE_SECRET,
        Consul__Address: `http://127.0.0.1:${consul.port}`,
      });
    await using first = await startDiscovery();
    let discovery = first;
    await using _a = await startInstance('a', () => discovery.url);
    await using gateway = await startService('gateway', {
      Mesh__ServiceAuth__Secret: SERVICE_SECRET,
      Mesh__ServiceDiscovery__Grpc__Address: `http://127.0.0.1:${grpcPort}`,
      Jwt__SecretKey: JWT_SECRET,
      // One caller is to be answered as often as it can ask.
      Gateway__RateLimit__RequestsPerSecond: '0',
    });
    const headers = { authorization: `Bearer ${userToken()}` };
    const call = async () => {
      const answer = await fetch(`${gateway.url}/api/orders/1`, { headers });
      return `${answer.status} ${(await answer.text()).slice(0, 200)}`;
    };
    const status = async (url: string) => (await fetch(`${url}/health/ready`)).status;
    await expect.poll(call, { timeout: 40_000 }).toBe('200 a');
    await expect.poll(() => status(gateway.url), { timeout: 20_000 }).toBe(200);
    const calls = callWithoutPause(call);

    await consul.kill();
    await expect.poll(() => status(discovery.url), { timeout: 20_000 }).toBe(503);
    await consul.start();
    await expect.poll(() => status(discovery.url), { timeout: 30_000 }).toBe(200);

    await discovery.stop('SIGKILL');
    await gateway.logged(({ message }) => message === 'discovery is away: routing by the last table');
    await using second = await startDiscovery();
    discovery = second;
    await expect
      .poll(async () => (await fetch(`${gateway.url}/health`)).json(), { timeout: 30_000 })
      .toMatchObject({ status: 'ready', table: 'live' });
    await using _b = await startInstance('b', () => discovery.url);
    // Of the stream's next list: the new discovery tells of changes as the first one did.
    await expect.poll(call, { timeout: 20_000 }).toBe('200 b');
    await calls.stop();
    expect(calls.wrong).toEqual([]);
    expect(calls.calls).toBeGreaterThan(20);
    expect(await gateway.stop()).toBe(0);
  });
});
