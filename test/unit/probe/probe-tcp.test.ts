import { describe, expect, it } from 'vitest';
import { HOLD_MS } from '../../../src/probe/probe-tcp.ts';
import { ask } from './ask.ts';
import { closedPort, reset, serveTcp } from './local-server.ts';

const NOTHING_BEHIND = {
  ok: false,
  answer: 'accepted, then closed at once: nothing listens behind the published port',
};

describe('probeTcp', () => {
  it('is content with a connection that stays open', async () => {
    await using server = await serveTcp(() => {});
    expect(await ask({ kind: 'tcp', host: server.host, port: server.port })).toEqual({
      ok: true,
      answer: 'connection stays open',
    });
  });

  it('is content with a server that speaks first, even when it closes then', async () => {
    await using server = await serveTcp((socket) => socket.end('220 ready\r\n'));
    expect(await ask({ kind: 'tcp', host: server.host, port: server.port })).toEqual({
      ok: true,
      answer: 'the server speaks',
    });
  });

  it('sees through a proxy that accepts and then closes or resets', async () => {
    await using closing = await serveTcp((socket) => socket.end());
    await using resetting = await serveTcp(reset);
    expect(await ask({ kind: 'tcp', host: closing.host, port: closing.port })).toEqual(NOTHING_BEHIND);
    expect(await ask({ kind: 'tcp', host: resetting.host, port: resetting.port })).toEqual(NOTHING_BEHIND);
  });

  it('says so when it had no time to see, or nothing to connect to', async () => {
    await using server = await serveTcp(() => {});
    const hurried = await ask({ kind: 'tcp', host: server.host, port: server.port }, HOLD_MS / 4);
    expect(hurried).toEqual({ ok: false, answer: 'timed out after 0.03 s' });
    const refused = await ask({ kind: 'tcp', host: '127.0.0.1', port: await closedPort() });
    expect(refused).toEqual({ ok: false, answer: 'connection refused' });
  });
});
