import { expect, it } from 'vitest';
import { ConsulClient } from '../../../examples/toskamesh/shared/dist/index.js';
import { readQueue } from '../../../examples/toskamesh/test/support/bound-queue.ts';
import { startHttpTarget } from '../../../examples/toskamesh/test/support/http-target.ts';
import { startService } from '../../../examples/toskamesh/test/support/running-service.ts';
import { startServer } from '../../../examples/toskamesh/test/support/server.ts';
import { describeEngine } from '../support/engine-test.ts';

const PATIENCE = { timeout: 60_000, interval: 100 };
const EXCHANGE = 'toskamesh.health';

const ready = async (url: string) => (await fetch(`${url}/health/ready`)).status;

interface History {
  readonly status: string;
  readonly history: readonly { readonly from: string; readonly to: string; readonly reason?: string }[];
}

const changes = ({ history }: History) => history.map(({ from, to }) => `${from} ${to}`);

describeEngine('the health monitor on Consul and RabbitMQ', () => {
  it('tells of an instance that stops answering, recovers and leaves, through outages of both', async () => {
    await using consul = await startServer('consul');
    await using rabbitmq = await startServer('rabbitmq');
    await using service = await startService('health-monitor', {
      Consul__Address: `http://127.0.0.1:${consul.port}`,
      Messaging__RabbitMqHost: '127.0.0.1',
      Messaging__RabbitMqPort: String(rabbitmq.port),
      HealthMonitor__ProbeIntervalSeconds: '1',
      HealthMonitor__FailureThreshold: '3',
      HealthMonitor__RecoveryThreshold: '2',
    });
    await expect.poll(() => ready(service.url), PATIENCE).toBe(200);
    const bound = await readQueue(rabbitmq, EXCHANGE, 'instance.#');
    const keys = () => bound.messages.map(({ key }) => key);

    const registry = new ConsulClient(new URL(`http://127.0.0.1:${consul.port}`));
    const target = await startHttpTarget((_request, response) => response.end());
    const worker = { ...target.instance('worker-1', 'worker'), healthPath: '/up' };
    await registry.register(worker);
    const silo = { ...target.instance('core-1', 'core'), scheme: 'tcp' };
    await registry.register(silo);
    // No service here: the time-to-live that Consul gives an instance must not run out while it is watched.
    const alive = setInterval(() => void registry.heartbeat('worker-1').catch(() => undefined), 1000);
    try {
      const workerNow = async () =>
        (await (await fetch(`${service.url}/api/health/services/worker-1/history`)).json()) as History;
      await expect.poll(async () => (await workerNow()).status, PATIENCE).toBe('healthy');
      await expect.poll(keys, PATIENCE).toEqual(['instance.healthy', 'instance.healthy']);

      // It stops answering: unhealthy after as many probes as the threshold, and not before.
      await target.stop();
      await expect.poll(async () => (await workerNow()).status, PATIENCE).toBe('unhealthy');
      expect(changes(await workerNow())).toEqual(['degraded unhealthy', 'healthy degraded', 'unknown healthy']);
      await expect
        .poll(() => bound.messages, PATIENCE)
        .toContainEqual({
          key: 'instance.unhealthy',
          body: expect.objectContaining({ id: 'worker-1', service: 'worker', from: 'degraded', to: 'unhealthy' }),
        });

      // RabbitMQ is killed, and meanwhile the instance is back: the event is sent once there is a broker again.
      await bound[Symbol.asyncDispose]();
      await rabbitmq.kill();
      await expect.poll(() => ready(service.url), PATIENCE).toBe(503);
      await using back = await startHttpTarget((_request, response) => response.end(), target.port);
      await expect.poll(async () => (await workerNow()).status, PATIENCE).toBe('healthy');
      expect(back.asked.filter((path) => path === '/up').length).toBeGreaterThanOrEqual(2);

      // Consul, too: what is known is kept, and nothing is called gone for it.
      await consul.kill();
      await expect
        .poll(async () => JSON.stringify(await (await fetch(`${service.url}/health`)).json()), PATIENCE)
        .toMatch(/"consul":"(?!ok)/);
      const asked = back.asked.length;
      await expect.poll(() => back.asked.length, PATIENCE).toBeGreaterThan(asked + 2);
      expect((await workerNow()).status).toBe('healthy');

      await Promise.all([consul.start(), rabbitmq.start()]);
      await expect.poll(() => ready(service.url), PATIENCE).toBe(200);
      expect(await (await fetch(`${service.url}/health`)).json()).toMatchObject({ source: 'Consul', events: EXCHANGE });
      await using later = await readQueue(rabbitmq, EXCHANGE, 'instance.#');
      const told = () => later.messages.map(({ key, body }) => [key, (body as { readonly id: string }).id]);
      await expect.poll(told, PATIENCE).toContainEqual(['instance.healthy', 'worker-1']);

      await registry.deregister('worker-1');
      await expect.poll(told, PATIENCE).toContainEqual(['instance.gone', 'worker-1']);
      expect((await workerNow()).status).toBe('gone');
    } finally {
      clearInterval(alive);
      registry.close();
    }
    expect(await service.stop()).toBe(0);
  });
});
