import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { openEventQueue } from '../../../examples/toskamesh/test/support/event-queue.ts';
import { EventReader } from '../../../examples/toskamesh/test/support/event-reader.ts';
import { type RunningService, startService } from '../../../examples/toskamesh/test/support/running-service.ts';
import { type Server, startServer } from '../../../examples/toskamesh/test/support/server.ts';
import { serviceBearer } from '../../../examples/toskamesh/test/support/service-bearer.ts';
import { docker } from '../support/docker.ts';
import { describeEngine } from '../support/engine-test.ts';

const SECRET = 'a secret that is shared by all of the services';
const PATIENT = { timeout: 60_000, interval: 50 };

interface List {
  readonly instances: readonly { readonly id: string }[];
}

const ids = ({ instances }: List) => instances.map(({ id }) => id).join(' ');

describeEngine('discovery on Consul and RabbitMQ', () => {
  let consul: Server;
  let rabbitmq: Server;
  let here: RunningService;
  let there: RunningService;
  let headers: Readonly<Record<string, string>>;

  beforeAll(async () => {
    [consul, rabbitmq] = await Promise.all([startServer('consul'), startServer('rabbitmq')]);
    const start = () =>
      startService('discovery', {
        Mesh__ServiceAuth__Secret: SECRET,
        Kestrel__Endpoints__Grpc__Url: 'http://127.0.0.1:0',
        Consul__Address: `http://127.0.0.1:${consul.port}`,
        Messaging__RabbitMqHost: '127.0.0.1',
        Messaging__RabbitMqPort: String(rabbitmq.port),
      });
    [here, there] = await Promise.all([start(), start()]);
    headers = serviceBearer(SECRET);
    for (const replica of [here, there]) {
      await vi.waitUntil(async () => (await readiness(replica)) === 200, PATIENT);
    }
  });

  afterAll(async () => {
    await Promise.all([here?.stop('SIGKILL'), there?.stop('SIGKILL')]);
    await Promise.all([consul?.[Symbol.asyncDispose](), rabbitmq?.[Symbol.asyncDispose]()]);
  });

  const readiness = async ({ url }: RunningService) => (await fetch(`${url}/health/ready`)).status;
  const api = ({ url }: RunningService, method: string, path: string, body?: object) =>
    fetch(`${url}/api/discovery${path}`, {
      method,
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body ?? {}),
    });
  const register = async (at: RunningService, id: string, service: string) => {
    const answer = await api(at, 'POST', '/instances', { id, service, address: '127.0.0.1', port: 9 });
    expect(answer.status).toBe(201);
  };
  const beat = async (at: RunningService, id: string, unready: boolean) =>
    expect((await api(at, 'PUT', `/instances/${id}/heartbeat`, { unready })).status).toBe(200);
  /** The ids, or the status when it is not 200. */
  const resolve = async ({ url }: RunningService, service: string) => {
    const answer = await fetch(`${url}/api/discovery/services/${service}`, { headers });
    return answer.status === 200 ? ids((await answer.json()) as List) : answer.status;
  };
  const watch = ({ url }: RunningService, service: string) =>
    EventReader.open<List>(`${url}/api/discovery/watch?service=${service}`, headers);

  /** Does what every service does: sends heartbeats, and registers again when it is not known any more. */
  const keepAlive = (at: RunningService, id: string, service: string) => {
    let stopped = false;
    let timesUnknown = 0;
    const loop = async (): Promise<void> => {
      while (!stopped) {
        const answer = await api(at, 'PUT', `/instances/${id}/heartbeat`).catch(() => undefined);
        if (answer?.status === 404) {
          timesUnknown += 1;
          await api(at, 'POST', '/instances', { id, service, address: '127.0.0.1', port: 9 }).catch(() => undefined);
        }
        await new Promise((wake) => setTimeout(wake, 200));
      }
    };
    const done = loop();
    return {
      get timesUnknown() {
        return timesUnknown;
      },
      async [Symbol.asyncDispose]() {
        stopped = true;
        await done;
      },
    };
  };

  it('tells of all that happens to an instance, to watchers of each replica and on the exchange', async () => {
    await using queue = await openEventQueue(rabbitmq, 'toskamesh.registrations');
    await using near = await watch(here, 'told');
    await using far = await watch(there, 'told');
    const seen = () => [near.events.map(ids), far.events.map(ids)];
    const both = (...expected: readonly string[]) => expect.poll(seen, PATIENT).toEqual([expected, expected]);
    const keys = () => queue.events.filter(({ content }) => content.id === 'told-1').map(({ key }) => key);

    await register(here, 'told-1', 'told');
    await both('', 'told-1');
    await beat(here, 'told-1', true);
    await both('', 'told-1', '');
    // Through another replica than before.
    await beat(there, 'told-1', false);
    await both('', 'told-1', '', 'told-1');
    expect((await api(there, 'DELETE', '/instances/told-1')).status).toBe(204);
    await both('', 'told-1', '', 'told-1', '');
    await expect
      .poll(keys, PATIENT)
      .toEqual(['instance.registered', 'instance.changed', 'instance.changed', 'instance.deregistered']);
  });

  it('takes out an instance that falls silent, and tells of it', async () => {
    await using queue = await openEventQueue(rabbitmq, 'toskamesh.registrations');
    await register(here, 'silent-1', 'silent');
    expect(await resolve(there, 'silent')).toBe('silent-1');
    await expect.poll(() => resolve(there, 'silent'), PATIENT).toBe('');
    await expect
      .poll(
        () => queue.events.filter(({ key }) => key === 'instance.expired').map(({ content }) => content.id),
        PATIENT,
      )
      .toContain('silent-1');
    expect((await api(there, 'DELETE', '/instances/silent-1')).status).toBe(204);
  });

  it('refuses to answer while Consul is away, and never says that nobody is there', async () => {
    await using living = keepAlive(here, 'living-1', 'living');
    await expect.poll(() => resolve(here, 'living'), PATIENT).toBe('living-1');
    await using events = await watch(here, 'living');
    const answers = new Set<string | number>();
    const ask = async () => {
      const answer = await resolve(here, 'living');
      answers.add(answer);
      return answer;
    };

    await docker('exec', consul.containerId, 'sh', '-c', 'rm -rf /consul/data/*');
    await consul.kill();
    await expect.poll(ask, PATIENT).toBe(503);
    await expect.poll(() => readiness(here), PATIENT).toBe(503);
    expect((await fetch(`${here.url}/api/discovery/watch`, { headers })).status).toBe(503);
    expect((await fetch(`${here.url}/api/discovery/instances`)).status).toBe(503);
    expect((await api(here, 'POST', '/instances', { id: 'a', service: 'a', address: 'a', port: 9 })).status).toBe(503);

    // It comes back with an empty memory.
    await consul.start();
    await expect.poll(ask, PATIENT).toBe('living-1');
    await expect.poll(() => readiness(here), PATIENT).toBe(200);
    expect(living.timesUnknown).toBeGreaterThan(1);
    expect([...answers].sort()).toEqual([503, 'living-1']);
    expect(events.events.map(ids)).toEqual(['living-1']);
  });

  it('goes on resolving without RabbitMQ, and publishes again when that is back', async () => {
    await using _living = keepAlive(there, 'steady-1', 'steady');
    await expect.poll(() => resolve(there, 'steady'), PATIENT).toBe('steady-1');
    await rabbitmq.kill();
    await expect.poll(() => readiness(there), PATIENT).toBe(503);
    expect(await resolve(there, 'steady')).toBe('steady-1');
    await rabbitmq.start();
    await expect.poll(() => readiness(there), PATIENT).toBe(200);
    await using queue = await openEventQueue(rabbitmq, 'toskamesh.registrations');
    await register(there, 'late-1', 'late');
    await expect
      .poll(() => queue.events.map(({ key, content }) => `${key} ${content.id}`), PATIENT)
      .toContain('instance.registered late-1');
  });
});
