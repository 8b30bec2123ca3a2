import { describe, expect, it } from 'vitest';
import { startFakeRegistry } from '../support/fake-registry.ts';
import { startHttpTarget } from '../support/http-target.ts';
import { runToEnd, startService } from '../support/running-service.ts';
import { readEvents } from '../support/sse.ts';

const PATIENCE = { timeout: 20_000, interval: 50 };
const QUICK = { HealthMonitor__ProbeIntervalSeconds: '1', HealthMonitor__HttpTimeoutSeconds: '1' };

const json = async (url: string): Promise<unknown> => (await fetch(url)).json();

describe('the health monitor', () => {
  it('keeps no place in its stream for a HEAD, which never ends', async () => {
    await using service = await startService('health-monitor');
    expect((await fetch(`${service.url}/api/health/events`, { method: 'HEAD' })).status).toBe(404);
    expect(await json(`${service.url}/health`)).toMatchObject({ subscribers: 0 });
  });

  it('watches what discovery lists; one that hangs delays no other; each change is told', async () => {
    await using registry = await startFakeRegistry();
    await using good = await startHttpTarget((_request, response) => response.end());
    await using hanging = await startHttpTarget(() => undefined);
    await using bad = await startHttpTarget((_request, response) => response.writeHead(503).end());
    for (const [target, id] of [
      [good, 'good-1'],
      [hanging, 'hanging-1'],
      [bad, 'bad-1'],
    ] as const) {
      registry.instances.set(id, target.instance(id, id.slice(0, -2)));
    }
    await using service = await startService('health-monitor', {
      ...QUICK,
      HealthMonitor__HttpTimeoutSeconds: '30',
      HealthMonitor__FailureThreshold: '2',
      Mesh__ServiceDiscovery__Grpc__Address: registry.url,
    });
    await using stream = await readEvents(`${service.url}/api/health/events`);
    expect(stream.status).toBe(200);
    await expect.poll(() => stream.events[0]?.name, PATIENCE).toBe('snapshot');

    await expect
      .poll(() => json(`${service.url}/api/health/services`), PATIENCE)
      .toMatchObject({
        services: [
          { id: 'bad-1', status: 'unhealthy', reason: 'HTTP 503' },
          { id: 'good-1', service: 'good', address: `127.0.0.1:${good.port}`, status: 'healthy' },
          { id: 'hanging-1', status: 'unknown' },
          // It is in the registry like any other, so that the gateway finds it.
          { service: 'health-monitor', status: 'healthy' },
        ],
      });
    expect(hanging.asked).toHaveLength(1);
    expect(good.asked.length).toBeGreaterThanOrEqual(2);

    registry.instances.delete('good-1');
    await expect
      .poll(() => stream.events.map(({ name, data }) => ({ name, ...(data as object) })), PATIENCE)
      .toContainEqual(expect.objectContaining({ name: 'change', id: 'good-1', from: 'healthy', to: 'gone' }));
    expect(await json(`${service.url}/api/health/services/good-1/history`)).toMatchObject({
      status: 'gone',
      history: [
        { from: 'healthy', to: 'gone', reason: 'no longer registered' },
        { from: 'unknown', to: 'healthy' },
      ],
    });
    expect((await fetch(`${service.url}/api/health/services/nobody/history`)).status).toBe(404);

    expect(await service.stop()).toBe(0);
    await expect.poll(() => stream.isOver, PATIENCE).toBe(true);
    expect([...registry.instances.keys()].sort()).toEqual(['bad-1', 'hanging-1']);
  });

  it('shows browsers a page and machines JSON', async () => {
    await using service = await startService('health-monitor', QUICK);
    expect(await json(`${service.url}/status`)).toEqual({ status: 'unknown', counts: {}, services: [], changes: [] });
    const page = await fetch(`${service.url}/status`, { headers: { accept: 'text/html,*/*;q=0.8' } });
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(await page.text()).toContain('No instance is registered.');
    // Without anything to watch it works, and says how.
    expect(await json(`${service.url}/health/ready`)).toMatchObject({
      status: 'ready',
      checks: {},
      source: 'nowhere',
      events: 'off',
    });
  });

  it('does not start with a threshold that is no number', async () => {
    const { code, logs } = await runToEnd('health-monitor', { HealthMonitor__FailureThreshold: '0' });
    expect(code).toBe(3);
    expect(logs.at(-1)?.message).toContain('HealthMonitor__FailureThreshold');
  });
});
