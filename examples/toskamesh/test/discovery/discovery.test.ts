import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DiscoveryClient, type InstanceList, SERVICE_AUTH, serviceTokens, signToken } from '@toskamesh/shared';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EventReader } from '../support/event-reader.ts';
import { type RunningService, runToEnd, startService } from '../support/running-service.ts';

const SECRET = 'a secret that is shared by all of the services';
const GRPC = 'http://127.0.0.1:0';
const ENVIRONMENT = { Mesh__ServiceAuth__Secret: SECRET, Kestrel__Endpoints__Grpc__Url: GRPC };

/** One service to an address. */
const portOf = (service: string) => [...service].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 50_000, 1);

const instance = (id: string, service: string, passing = true) => ({
  id,
  service,
  address: '127.0.0.1',
  port: portOf(service),
  scheme: 'http',
  healthPath: '/health',
  passing,
  metadata: { version: '1' },
});

describe('discovery', () => {
  let subject: RunningService;
  let client: DiscoveryClient;
  let token: string;

  beforeAll(async () => {
    subject = await startService('discovery', ENVIRONMENT);
    const grpc = await subject.logged(({ message }) => message === 'listening for gRPC');
    client = new DiscoveryClient(new URL(`http://127.0.0.1:${grpc.port}`));
    token = await serviceTokens(SECRET, 'test')();
  });

  afterAll(async () => {
    client.reset();
    await subject.stop('SIGKILL');
  });

  const api = (method: string, path: string, body?: object, headers: Readonly<Record<string, string>> = {}) =>
    fetch(`${subject.url}/api/discovery${path}`, {
      method,
      headers: body === undefined ? headers : { 'content-type': 'application/json', ...headers },
      body: body === undefined ? null : JSON.stringify(body),
    });
  const bearer = () => ({ authorization: `Bearer ${token}` });
  const resolved = async (service: string) => {
    const answer = await api('GET', `/services/${service}`, undefined, bearer());
    const { instances } = (await answer.json()) as InstanceList;
    return instances.map(({ id }) => id);
  };
  const list = async () => {
    const { instances } = (await (await api('GET', '/instances')).json()) as InstanceList;
    return instances;
  };

  it('says where its registry is, and keeps itself in it', async () => {
    const health = await (await fetch(`${subject.url}/health`)).json();
    expect(health).toMatchObject({ status: 'ready', registry: 'memory', events: 'off' });
    await expect
      .poll(() => resolved('discovery'), { timeout: 10_000 })
      .toEqual([expect.stringMatching(/^discovery-.+-\d+$/)]);
  });

  it('forgets a service at whose address another one is now', async () => {
    const at = { address: '10.0.0.9', port: 80 };
    await api('POST', '/instances', { id: 'old-1', service: 'old', ...at });
    await api('POST', '/instances', { id: 'old-2', service: 'old', ...at });
    await expect.poll(() => resolved('old')).toEqual(['old-1', 'old-2']);
    await api('POST', '/instances', { id: 'new-1', service: 'new', ...at });
    await expect.poll(() => resolved('old')).toEqual([]);
    expect(await resolved('new')).toEqual(['new-1']);
  });

  it('tells by either way what came by the other', async () => {
    const created = await api('POST', '/instances', { id: 'both-1', service: 'both', address: 'host', port: 80 });
    expect(created.status).toBe(201);
    expect(await created.json()).toEqual({ id: 'both-1', ttlSeconds: 15 });
    expect((await client.call('Register', { instance: instance('both-2', 'both') })).ttlSeconds).toBe(15);
    const defaults = { scheme: 'http', healthPath: '', passing: true, metadata: {} };
    expect(await client.call('Resolve', { service: 'both' }, token)).toEqual({
      instances: [
        { id: 'both-1', service: 'both', address: 'host', port: 80, ...defaults },
        instance('both-2', 'both'),
      ],
    });
    expect(await resolved('both')).toEqual(['both-1', 'both-2']);
    expect((await api('DELETE', '/instances/both-2')).status).toBe(204);
    expect(await client.call('Deregister', { id: 'both-1' })).toEqual({ known: true });
    expect(await resolved('both')).toEqual([]);
  });

  it('lists an instance that cannot work, and does not resolve it', async () => {
    await client.call('Register', { instance: instance('sick-1', 'sick', false) });
    expect(await resolved('sick')).toEqual([]);
    expect((await list()).find(({ id }) => id === 'sick-1')).toMatchObject({ passing: false });
    expect((await api('PUT', '/instances/sick-1/heartbeat')).status).toBe(200);
    expect(await resolved('sick')).toEqual(['sick-1']);
    expect(await client.call('Heartbeat', { id: 'sick-1', unready: true })).toEqual({ known: true });
    expect(await resolved('sick')).toEqual([]);
  });

  it('says to a stranger that it has to register', async () => {
    expect(await client.call('Heartbeat', { id: 'stranger' })).toEqual({ known: false });
    expect(await client.call('Deregister', { id: 'stranger' })).toEqual({ known: false });
    expect((await api('PUT', '/instances/stranger/heartbeat', { unready: true })).status).toBe(404);
    expect((await api('DELETE', '/instances/stranger')).status).toBe(404);
  });

  it('names all that is wrong with an instance', async () => {
    const wrong = { id: 'a b', service: 'A', address: '0.0.0.0', port: 0 };
    const answer = await api('POST', '/instances', wrong);
    expect(answer.status).toBe(400);
    const { errors } = (await answer.json()) as { errors: readonly { readonly field: string }[] };
    expect(errors.map(({ field }) => field).sort()).toEqual(['/address', '/id', '/port', '/service']);
    const call = client.call('Register', { instance: { ...instance('a', 'a'), ...wrong } });
    await expect(call).rejects.toThrow(/INVALID_ARGUMENT.*\/id must.*\/service must.*\/address must.*\/port must/);
    await expect(client.call('Resolve', { service: '' }, token)).rejects.toThrow('INVALID_ARGUMENT');
  });

  it('needs a service token to resolve and to watch', async () => {
    for (const path of ['/services/a', '/watch']) {
      expect((await api('GET', path)).status).toBe(401);
    }
    await expect(client.call('Resolve', { service: 'a' })).rejects.toThrow('UNAUTHENTICATED');
    await expect(client.watch('a', 'bad', () => undefined, AbortSignal.timeout(9000))).rejects.toThrow(
      'UNAUTHENTICATED',
    );
  });

  it('refuses a bad token even where none is needed', async () => {
    const user = { issuer: 'ToskaMesh', audience: 'ToskaMesh', subject: 'someone', lifetimeSeconds: 60 };
    const late = { ...SERVICE_AUTH, subject: 'late', lifetimeSeconds: 60, nowMs: Date.now() - 3_600_000 };
    for (const options of [user, late]) {
      const bad = (await signToken(SECRET, options)).token;
      const answer = await api('GET', '/instances', undefined, { authorization: `Bearer ${bad}` });
      expect(answer.status).toBe(401);
      await expect(client.call('List', {}, bad)).rejects.toThrow('UNAUTHENTICATED');
    }
    expect((await client.call('List', {}, token)).instances).not.toEqual([]);
  });

  it('does not serve those for whom a gateway asks', async () => {
    const answer = await api('GET', '/instances', undefined, { ...bearer(), 'x-forwarded-for': '203.0.113.9' });
    expect(answer.status).toBe(403);
  });

  it('pushes each change to those who watch, by either way', async () => {
    const stop = new AbortController();
    const lists: string[] = [];
    const names = ({ instances }: InstanceList) => instances.map(({ id }) => id).join(' ');
    const watching = client.watch('watched', token, (seen) => lists.push(names(seen)), stop.signal);
    await using events = await EventReader.open<InstanceList>(
      `${subject.url}/api/discovery/watch?service=watched`,
      bearer(),
    );
    const seen = () => [lists, events.events.map(names)];
    const both = (...expected: readonly string[]) =>
      expect.poll(seen, { timeout: 10_000 }).toEqual([expected, expected]);
    await both('');
    await client.call('Register', { instance: instance('w-1', 'watched') });
    await both('', 'w-1');
    // Neither a heartbeat nor another service changes anything.
    await client.call('Heartbeat', { id: 'w-1' });
    await client.call('Register', { instance: instance('o-1', 'other') });
    await client.call('Heartbeat', { id: 'w-1', unready: true });
    await both('', 'w-1', '');
    await client.call('Heartbeat', { id: 'w-1' });
    await both('', 'w-1', '', 'w-1');
    await client.call('Deregister', { id: 'w-1' });
    await both('', 'w-1', '', 'w-1', '');
    stop.abort();
    await watching;
  });

  it('forgets watchers that are gone', async () => {
    const watchers = async () =>
      ((await (await fetch(`${subject.url}/health`)).json()) as { watchers: number }).watchers;
    const stop = new AbortController();
    const watching = client.watch('gone', token, () => undefined, stop.signal);
    {
      await using _events = await EventReader.open(`${subject.url}/api/discovery/watch`, bearer());
      await expect.poll(watchers, { timeout: 10_000 }).toBe(2);
    }
    stop.abort();
    await watching;
    await expect.poll(watchers, { timeout: 10_000 }).toBe(0);
  });
});

describe('discovery, when it starts and stops', () => {
  it('sends its spans to the tracing service that is registered with it', async () => {
    const paths: (string | undefined)[] = [];
    const tracing = createServer((request, response) => {
      paths.push(request.url);
      response.setHeader('content-type', 'application/json').end('{}');
    }).listen(0, '127.0.0.1');
    await once(tracing, 'listening');
    const { port } = tracing.address() as AddressInfo;
    await using subject = await startService('discovery', ENVIRONMENT);
    await fetch(`${subject.url}/api/discovery/instances`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ id: 'tracing-1', service: 'tracing-service', address: '127.0.0.1', port }),
    });
    await expect.poll(() => paths, { timeout: 20_000 }).toContain('/v1/traces');
    tracing.close();
    tracing.closeAllConnections();
  });

  it('ends the streams of those who watch, and exits 0', async () => {
    await using subject = await startService('discovery', ENVIRONMENT);
    const token = await serviceTokens(SECRET, 'test')();
    await subject.logged(({ message }) => message === 'grpc answers');
    await using events = await EventReader.open(`${subject.url}/api/discovery/watch`, {
      authorization: `Bearer ${token}`,
    });
    await expect.poll(() => events.events.length, { timeout: 10_000 }).toBeGreaterThan(0);
    expect(await subject.stop()).toBe(0);
    await expect.poll(() => events.ended, { timeout: 10_000 }).toBe(true);
    expect(JSON.stringify(subject.logs)).not.toContain(token);
  });

  it('refuses a secret that is too short', async () => {
    const { code, logs } = await runToEnd('discovery', { ...ENVIRONMENT, Mesh__ServiceAuth__Secret: 'short' });
    expect(code).toBe(3);
    expect(logs.at(-1)?.message).toContain('Mesh__ServiceAuth__Secret');
  });

  it('says which port is taken', async () => {
    await using first = await startService('discovery', ENVIRONMENT);
    const { port } = await first.logged(({ message }) => message === 'listening for gRPC');
    const taken = { ...ENVIRONMENT, Kestrel__Endpoints__Grpc__Url: `http://127.0.0.1:${port}` };
    const { code, logs } = await runToEnd('discovery', taken);
    expect(code).toBe(3);
    expect(logs.at(-1)?.message).toMatch(/^Kestrel__Endpoints__Grpc__Url: cannot listen on .*EADDRINUSE/);
  });
});
