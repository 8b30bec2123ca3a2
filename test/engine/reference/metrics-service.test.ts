import { expect, it } from 'vitest';
import { bearer } from '../../../examples/toskamesh/test/support/bearer.ts';
import { startFakeRegistry } from '../../../examples/toskamesh/test/support/fake-registry.ts';
import { startHttpTarget } from '../../../examples/toskamesh/test/support/http-target.ts';
import { startService } from '../../../examples/toskamesh/test/support/running-service.ts';
import { connectionString, startServer } from '../../../examples/toskamesh/test/support/server.ts';
import { describeEngine } from '../support/engine-test.ts';

const SECRET = 'a secret of thirty-two bytes or more';
const PATIENCE = { timeout: 40_000, interval: 100 };

interface Overview {
  readonly service: string;
  readonly source: 'live' | 'stored';
  readonly instances: { readonly known: number; readonly up: number };
  readonly requestsPerSecond: number | null;
  readonly latencySeconds: { readonly p95: number | null };
  readonly memoryBytes: number | null;
}

const ready = async (url: string) => (await fetch(`${url}/health/ready`)).status;

async function ask(url: string, path: string): Promise<Response> {
  return fetch(`${url}${path}`, { headers: await bearer(SECRET) });
}

async function overview(url: string, service: string): Promise<Overview | undefined> {
  const answer = await ask(url, '/api/metrics/overview');
  expect(answer.status).toBe(200);
  const { services } = (await answer.json()) as { readonly services: readonly Overview[] };
  return services.find((entry) => entry.service === service);
}

describeEngine('the metrics service on PostgreSQL', () => {
  it('tells how the mesh does, through an outage of the database and after a restart', async () => {
    await using postgres = await startServer('postgres');
    await using registry = await startFakeRegistry();
    await using worker = await startHttpTarget((_request, response) => {
      response.end('service_ready 1\nprocess_resident_memory_bytes 12345\n');
    });
    registry.instances.set('worker-1', worker.instance('worker-1', 'worker'));
    const variables = {
      ConnectionStrings__DefaultConnection: connectionString(postgres),
      Jwt__Secret: SECRET,
      Mesh__ServiceDiscovery__Grpc__Address: registry.url,
      Metrics__ScrapeIntervalSeconds: '1',
    };
    // Two replicas, which are one service to the registry and write the same rows.
    await using first = await startService('metrics-service', variables);
    await using second = await startService('metrics-service', variables);
    await expect.poll(() => ready(first.url), PATIENCE).toBe(200);
    await expect.poll(() => ready(second.url), PATIENCE).toBe(200);

    const isSeen = async () => {
      const entry = await overview(first.url, 'metrics-service');
      return entry?.source === 'live' && entry.instances.up === 2 && (entry.requestsPerSecond ?? 0) > 0;
    };
    await expect.poll(isSeen, PATIENCE).toBe(true);
    const p95 = async () => (await overview(second.url, 'metrics-service'))?.latencySeconds.p95 ?? 0;
    await expect.poll(p95, PATIENCE).toBeGreaterThan(0);
    expect(await overview(first.url, 'worker')).toMatchObject({ source: 'live', memoryBytes: 12_345 });

    await postgres.kill();
    await expect.poll(() => ready(first.url), PATIENCE).toBe(503);
    expect((await fetch(`${first.url}/health/live`)).status).toBe(200);
    // What is in memory can be told all the same; what is in the database cannot.
    expect((await ask(first.url, '/api/metrics/query?metric=service_ready&fn=last')).status).toBe(200);
    expect((await ask(first.url, '/api/metrics/overview')).status).toBe(503);
    await postgres.start();
    await expect.poll(() => ready(first.url), PATIENCE).toBe(200);

    await expect.poll(() => overview(first.url, 'worker'), PATIENCE).toMatchObject({ source: 'live' });
    expect(await Promise.all([first.stop(), second.stop()])).toEqual([0, 0]);
    registry.instances.clear();
    await worker.stop();

    await using later = await startService('metrics-service', variables);
    await expect.poll(() => ready(later.url), PATIENCE).toBe(200);
    expect(await overview(later.url, 'worker')).toMatchObject({ source: 'stored', memoryBytes: 12_345 });
    expect(await later.stop()).toBe(0);
  });
});
