import { describe, expect, it } from 'vitest';
import { bearer } from '../support/bearer.ts';
import { startFakeRegistry } from '../support/fake-registry.ts';
import { startHttpTarget } from '../support/http-target.ts';
import { type RunningService, startService } from '../support/running-service.ts';

const SECRET = 'a secret of thirty-two bytes or more';
const PATIENCE = { timeout: 20_000, interval: 100 };
/** Nobody listens on port 1. */
const ENVIRONMENT = {
  ConnectionStrings__DefaultConnection: 'Host=127.0.0.1;Port=1;Username=nobody',
  Jwt__Secret: SECRET,
  Metrics__ScrapeIntervalSeconds: '1',
};

/** Answers with a text, with no answer at all, or with 404. */
const answering = (metrics: 'hang' | 'none' | (string & {})) =>
  startHttpTarget((_request, response) => {
    if (metrics !== 'hang') response.writeHead(metrics === 'none' ? 404 : 200).end(metrics);
  });

async function get(service: RunningService, path: string): Promise<{ status: number; body: unknown }> {
  const answer = await fetch(`${service.url}${path}`, { headers: await bearer(SECRET) });
  return { status: answer.status, body: await answer.json() };
}

describe('the metrics service, without its database', () => {
  it('scrapes what is registered; an instance that hangs holds up no other', async () => {
    await using registry = await startFakeRegistry();
    await using good = await answering('up_total 1\nlevel{room="a"} 7\n');
    await using hanging = await answering('hang');
    await using none = await answering('none');
    const silo = { ...good.instance('core-1', 'core'), scheme: 'tcp' };
    const targets = [
      good.instance('good-1', 'good'),
      hanging.instance('bad-1', 'bad'),
      none.instance('none-1', 'none'),
    ];
    for (const instance of [...targets, silo]) registry.instances.set(instance.id, instance);
    await using service = await startService('metrics-service', {
      ...ENVIRONMENT,
      Mesh__ServiceDiscovery__Grpc__Address: registry.url,
    });

    await expect.poll(() => good.asked.length, PATIENCE).toBeGreaterThan(2);
    await expect
      .poll(async () => JSON.stringify((await get(service, '/api/metrics/services')).body), PATIENCE)
      .toContain('no answer within 800 ms');
    const { body } = await get(service, '/api/metrics/services');
    expect(body).toMatchObject({
      services: [
        { service: 'bad', instances: [{ id: 'bad-1', state: 'down' }], metrics: [] },
        { service: 'good', instances: [{ id: 'good-1', state: 'up' }], metrics: ['level', 'up_total'] },
        { service: 'metrics-service' },
        { service: 'none', instances: [{ id: 'none-1', state: 'none' }] },
      ],
    });
    // Asked once, and not again every second.
    expect(none.asked).toEqual(['/metrics']);
    expect(service.logs.filter((line) => line.id === 'none-1')).toEqual([]);

    const query = await get(service, '/api/metrics/query?metric=level&service=good&fn=max&step=60');
    expect(query.body).toMatchObject({ series: [{ instance: 'good-1', labels: { room: 'a' } }] });
    const health = await (await fetch(`${service.url}/health`)).json();
    expect(health).toMatchObject({ targets: { source: 'discovery', known: 4 }, window: { minutes: 15 } });

    registry.instances.delete('good-1');
    await expect
      .poll(async () => JSON.stringify((await get(service, '/api/metrics/services')).body), PATIENCE)
      .not.toContain('good-1');
    expect(await service.stop()).toBe(0);
  });

  it('answers bad parameters with a problem, and nobody without a token', async () => {
    await using service = await startService('metrics-service', ENVIRONMENT);
    expect((await fetch(`${service.url}/api/metrics/overview`)).status).toBe(401);
    expect((await get(service, '/api/metrics/query')).status).toBe(400);
    expect(await get(service, '/api/metrics/query?metric=a&step=0&fn=x')).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'step' }, { field: 'fn' }] },
    });
    expect((await get(service, '/api/metrics/query?metric=a')).body).toMatchObject({ series: [] });
    // What was before cannot be told without the database, and half of it would look like the whole.
    expect((await get(service, '/api/metrics/overview')).status).toBe(503);
    expect((await fetch(`${service.url}/metrics`)).status).toBe(200);
  });
});
