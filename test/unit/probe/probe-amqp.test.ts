import { describe, expect, it } from 'vitest';
import { ask } from './ask.ts';
import { closedPort, reset, serveReply, serveTcp } from './local-server.ts';

const CONNECTION_START = Buffer.from([1, 0, 0, 0, 0, 0, 100, 0, 10, 0, 10, 0, 9]);
const CONNECTION_CLOSE = Buffer.from([1, 0, 0, 0, 0, 0, 100, 0, 10, 0, 50, 0, 9]);

describe('probeAmqp', () => {
  it('sends the header of 0-9-1 and is content with Connection.Start, in pieces too', async () => {
    const sent: Buffer[] = [];
    await using server = await serveTcp((socket) => {
      socket.on('data', (bytes) => {
        sent.push(bytes);
        const first = CONNECTION_START.subarray(0, 9);
        socket.write(first, () => setImmediate(() => socket.write(CONNECTION_START.subarray(9))));
      });
    });
    expect(await ask({ kind: 'amqp', host: server.host, port: server.port })).toEqual({
      ok: true,
      answer: 'AMQP 0-9-1 greeting',
    });
    expect(Buffer.concat(sent)).toEqual(Buffer.from('AMQP\0\0\u0009\u0001'));
  });

  it.each([
    ['another version', Buffer.from('AMQP\0\u0001\0\0'), 'the server speaks AMQP 1-0-0, not 0-9-1'],
    ['another method', CONNECTION_CLOSE, 'not an AMQP answer'],
    ['another protocol', Buffer.from('HTTP/1.1 400 Bad Request\r\n'), 'not an AMQP answer'],
  ])('does not take %s', async (_, reply, answer) => {
    await using server = await serveReply(reply);
    expect(await ask({ kind: 'amqp', host: server.host, port: server.port })).toEqual({ ok: false, answer });
  });

  it('says what came instead of a greeting', async () => {
    await using resetting = await serveTcp((socket) => socket.once('data', () => reset(socket)));
    await using closing = await serveTcp((socket) => socket.once('data', () => socket.end()));
    await using silent = await serveTcp(() => {});
    const answerOf = async (port: number, timeoutMs?: number) =>
      (await ask({ kind: 'amqp', host: '127.0.0.1', port }, timeoutMs)).answer;
    expect(await answerOf(resetting.port)).toBe('no AMQP greeting yet (connection closed)');
    expect(await answerOf(closing.port)).toBe('no AMQP greeting yet (connection closed)');
    expect(await answerOf(silent.port, 500)).toBe('no AMQP greeting yet (timed out after 0.5 s)');
    expect(await answerOf(await closedPort())).toBe('connection refused');
  });
});
