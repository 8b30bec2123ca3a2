import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RunningSilo, startSilo } from '../../../examples/toskamesh/test/support/running-silo.ts';
import { type Server, startServer } from '../../../examples/toskamesh/test/support/server.ts';
import { describeEngine } from '../support/engine-test.ts';

/** Consul ends a session after once to twice its ten seconds, and a starting Consul takes its time. */
const PATIENT = { timeout: 60_000, interval: 100 };

/** The silo port of the leader, as a silo sees it. */
async function leader(silo: RunningSilo): Promise<number | undefined> {
  const { members } = await silo.cluster();
  return members.find((member) => member.leader)?.siloPort;
}

async function memberPorts(silo: RunningSilo): Promise<readonly number[]> {
  const { members } = await silo.cluster();
  return members.map(({ siloPort }) => siloPort).sort();
}

async function readiness(silo: RunningSilo): Promise<number> {
  return (await fetch(`${silo.url}/health/ready`)).status;
}

describeEngine('the cluster of core', () => {
  let consul: Server;

  beforeAll(async () => {
    consul = await startServer('consul');
  });

  afterAll(async () => {
    await consul?.[Symbol.asyncDispose]();
  });

  /** Each test has a cluster of its own in the same Consul. */
  const start = (clusterId: string, ports?: readonly number[]) =>
    startSilo(
      {
        Orleans__ClusteringMode: 'consul',
        Orleans__ConsulAddress: `http://127.0.0.1:${consul.port}`,
        Orleans__ClusterId: clusterId,
      },
      ports,
    );

  it.concurrent('has one leader, and another one when that is killed', async ({ expect }) => {
    await using first = await start('killed');
    await using second = await start('killed');
    const both = [first.siloPort, second.siloPort].sort();
    await expect.poll(() => memberPorts(first), PATIENT).toEqual(both);
    await expect.poll(() => memberPorts(second), PATIENT).toEqual(both);
    // Whichever was the first to ask: both agree.
    await expect.poll(async () => both.includes((await leader(first)) ?? 0), PATIENT).toBe(true);
    const led = await leader(first);
    await expect.poll(() => leader(second), PATIENT).toBe(led);

    const [dead, alive] = led === first.siloPort ? [first, second] : [second, first];
    await dead.stop('SIGKILL');
    // It said nothing: its session has to end first.
    await expect.poll(() => leader(alive), PATIENT).toBe(alive.siloPort);
    await expect.poll(() => memberPorts(alive), PATIENT).toEqual([alive.siloPort]);
    expect(await (await fetch(`${alive.url}/health`)).json()).toMatchObject({ leader: true, members: 1 });
  });

  it.concurrent('hears its members, and has another leader at once when one stops in order', async ({ expect }) => {
    await using first = await start('stopped');
    await expect.poll(() => leader(first), PATIENT).toBe(first.siloPort);
    await using second = await start('stopped');
    await expect
      .poll(async () => (await first.cluster()).members.map(({ heardAt }) => heardAt !== null), PATIENT)
      .toEqual([false, true]);
    expect(await leader(second)).toBe(first.siloPort);
    expect(await first.stop()).toBe(0);
    await expect.poll(() => leader(second), PATIENT).toBe(second.siloPort);
    expect(await memberPorts(second)).toEqual([second.siloPort]);
  });

  it.concurrent('lets a silo that was killed and started anew take the place of its earlier run', async ({
    expect,
  }) => {
    await using before = await start('again');
    await expect.poll(() => leader(before), PATIENT).toBe(before.siloPort);
    const { self } = await before.cluster();
    await before.stop('SIGKILL');
    await using again = await start('again', [before.siloPort, Number(new URL(before.url).port)]);
    await expect.poll(() => leader(again), PATIENT).toBe(before.siloPort);
    const cluster = await again.cluster();
    expect(cluster.self).not.toBe(self);
    expect(cluster.members.map(({ id }) => id)).toEqual([cluster.self]);
  });

  it.concurrent('is a service of the mesh that the health monitor finds', async ({ expect }) => {
    await using silo = await start('found');
    await expect.poll(() => readiness(silo), PATIENT).toBe(200);
    const answer = await fetch(`http://127.0.0.1:${consul.port}/v1/agent/services`);
    const services = Object.values((await answer.json()) as Record<string, object>);
    expect(services).toContainEqual(
      expect.objectContaining({ Service: 'core', Port: silo.siloPort, Tags: ['toskamesh', 'tcp'] }),
    );
  });

  // Alone, for it takes Consul from all.
  it('keeps its ports open without Consul, leads only as long as its session must last, and joins again', async () => {
    await using silo = await start('alone');
    await expect.poll(() => leader(silo), PATIENT).toBe(silo.siloPort);
    await consul.kill();
    await expect.poll(() => readiness(silo), PATIENT).toBe(503);
    expect((await fetch(`${silo.url}/health/live`)).status).toBe(200);
    expect(await silo.cluster()).toMatchObject({ current: false, members: [{ siloPort: silo.siloPort }] });
    await expect.poll(async () => (await silo.cluster()).leader, PATIENT).toBeNull();
    await consul.start();
    await expect.poll(() => leader(silo), PATIENT).toBe(silo.siloPort);
    await expect.poll(() => readiness(silo), PATIENT).toBe(200);
  });
});
