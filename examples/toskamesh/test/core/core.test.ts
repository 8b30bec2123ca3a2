import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { freePorts } from '../support/free-ports.ts';
import { runToEnd } from '../support/running-service.ts';
import { startSilo } from '../support/running-silo.ts';

/** What a connection brings until the other side closes it, or until `enough` of it has come. */
async function talk(port: number, text: string, enough = Number.POSITIVE_INFINITY): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port });
  await once(socket, 'connect');
  let answer = '';
  socket.on('error', () => undefined);
  socket.on('data', (chunk) => {
    answer += String(chunk);
    if (answer.length >= enough) socket.destroy();
  });
  socket.write(text);
  await once(socket, 'close');
  return answer;
}

describe('core without Consul', () => {
  it('is alone in its cluster, leads it, and says where the membership is', async () => {
    await using silo = await startSilo({ Orleans__ClusteringMode: 'localhost', Orleans__ClusterId: 'mine' });
    const self = expect.stringMatching(new RegExp(`^127\\.0\\.0\\.1:${silo.siloPort}@\\d+$`));
    expect(await silo.cluster()).toMatchObject({
      clusterId: 'mine',
      membership: 'memory',
      current: true,
      self,
      leader: self,
      members: [{ id: self, siloPort: silo.siloPort, leader: true, self: true }],
    });
    expect(await (await fetch(`${silo.url}/health`)).json()).toEqual({
      status: 'ready',
      checks: {},
      membership: 'memory',
      members: 1,
      leader: true,
    });
    expect((await fetch(`${silo.url}/health/live`)).status).toBe(200);
    expect((await fetch(`${silo.url}/metrics`)).status).toBe(404);
    await silo.logged(({ message }) => message.startsWith('membership is in memory'));
    expect(await silo.stop()).toBe(0);
  });

  it('answers heartbeats on its silo port and nothing else', async () => {
    await using silo = await startSilo();
    await silo.logged(({ message }) => message === 'silo is open');
    const answer = await talk(silo.siloPort, '{"silo":"other","at":"now"}\n', 1);
    expect(JSON.parse(answer)).toMatchObject({ silo: expect.stringContaining(`:${silo.siloPort}@`) });
    expect(await talk(silo.siloPort, 'GET / HTTP/1.1\r\n\r\n')).toBe('');
    expect(await talk(silo.siloPort, 'x'.repeat(5000))).toBe('');
  });

  it('takes bare connections on both ports', async () => {
    await using silo = await startSilo();
    await silo.logged(({ message }) => message === 'silo is open');
    for (const port of [silo.siloPort, Number(new URL(silo.url).port)]) {
      const socket = connect({ host: '127.0.0.1', port });
      await once(socket, 'connect');
      socket.end();
      await once(socket, 'close');
    }
    expect(await silo.stop()).toBe(0);
  });
});

describe('core with settings that it cannot run with', () => {
  it.each([
    ['Orleans__ClusteringMode', { Orleans__ClusteringMode: 'adonet' }],
    ['Orleans__ClusteringMode', { Orleans__ClusteringMode: 'zookeeper' }],
    ['Orleans__Clustering__Mode', { Orleans__Clustering__Mode: 'consul' }],
    ['Orleans__SiloPort', { Orleans__SiloPort: '0' }],
    ['Orleans__ClusterId', { Orleans__ClusterId: 'a/b' }],
  ])('names %s', async (variable, environment) => {
    const { code, logs } = await runToEnd('core', environment);
    expect(code).toBe(3);
    expect(logs.at(-1)?.message).toContain(variable);
  });

  it('names the port that is taken', async () => {
    await using silo = await startSilo();
    await silo.logged(({ message }) => message === 'silo is open');
    const [free] = await freePorts(1);
    const { code, logs } = await runToEnd('core', {
      Orleans__SiloPort: String(silo.siloPort),
      Orleans__GatewayPort: String(free),
    });
    expect(code).toBe(3);
    expect(logs.at(-1)?.message).toMatch(/^Orleans__SiloPort: cannot listen on \d+: EADDRINUSE/);
  });
});
