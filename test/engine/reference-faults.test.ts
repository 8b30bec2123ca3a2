import { afterAll, beforeAll, expect, it } from 'vitest';
import { containerIds, docker } from './support/docker.ts';
import { describeEngine } from './support/engine-test.ts';
import { logIn, startTraffic } from './support/reference-client.ts';
import { type ReferenceMesh, referenceMesh } from './support/reference-mesh.ts';

/** Each server, and a service that cannot work without it. */
const FAULTS = [
  ['postgres', 'config-service'],
  ['rabbitmq', 'discovery'],
  ['consul', 'discovery'],
] as const;

const POLL = { timeout: 90_000, interval: 200 };

describeEngine('the reference mesh while its servers restart', () => {
  let subject: ReferenceMesh;
  let authorization: string;

  const readiness = async (service: string) => (await fetch(`${subject.urlOf(service)}/health/ready`)).status;
  const isReady = async () => (await subject.run(['dev', 'ps', '--json'])).exitCode === 0;

  beforeAll(async () => {
    subject = await referenceMesh();
    const up = await subject.run(['dev', 'up', '--timeout', '3m']);
    expect(up.exitCode, up.stderr).toBe(0);
    authorization = await logIn(subject.urlOf('gateway'));
  });

  afterAll(async () => {
    await subject?.[Symbol.asyncDispose]();
  });

  it.each(FAULTS)('%s: %s says so, no answer is wrong, and all are ready again', async (server, service) => {
    const url = `${subject.urlOf('gateway')}/api/config/counter/${server}`;
    const traffic = startTraffic(url, authorization);
    await expect.poll(() => traffic.counts.good, POLL).toBeGreaterThan(10);
    const { [server]: id = '' } = await containerIds(subject.project);
    await docker('kill', id);
    await expect.poll(() => readiness(service), POLL).toBe(503);
    const { good } = traffic.counts;
    await docker('start', id);
    await expect.poll(() => readiness(service), POLL).toBe(200);
    await expect.poll(() => traffic.counts.good, POLL).toBeGreaterThan(good + 10);
    await expect.poll(isReady, POLL).toBe(true);
    const kept = await traffic.stop();
    expect(traffic.wrong).toEqual([]);
    const response = await fetch(url, { headers: { authorization } });
    const { values } = (await response.json()) as { readonly values: { readonly count: number } };
    // A write that was answered with a refusal may have been made all the same.
    expect(values.count).toBeGreaterThanOrEqual(kept);
  });

  it('tells the history of each, and still knows the user', async () => {
    for (const [server] of FAULTS) {
      const url = `${subject.urlOf('gateway')}/api/config/counter/${server}/history?limit=1`;
      const response = await fetch(url, { headers: { authorization } });
      expect(response.status).toBe(200);
    }
    const me = await fetch(`${subject.urlOf('gateway')}/api/auth/me`, { headers: { authorization } });
    expect(me.status).toBe(200);
  });
});
