import { describe, expect, it } from 'vitest';
import { ask } from './ask.ts';
import { serveReply, serveTcp } from './local-server.ts';

describe('probeRedis', () => {
  it.each([
    ['+PONG', { ok: true, answer: 'PONG' }],
    ['-NOAUTH Authentication required.', { ok: true, answer: 'NOAUTH Authentication required.' }],
    [
      '-LOADING Redis is loading the dataset in memory',
      { ok: false, answer: 'LOADING Redis is loading the dataset in memory' },
    ],
    ['+PONGO', { ok: false, answer: 'PONGO' }],
    ['HTTP/1.1 400 Bad Request', { ok: false, answer: 'not a Redis answer: HTTP/1.1 400 Bad Request' }],
  ])('%s', async (line, expected) => {
    await using server = await serveReply(`${line}\r\n`);
    expect(await ask({ kind: 'redis', host: server.host, port: server.port })).toEqual(expected);
  });

  it('sends PING, and takes an answer in pieces', async () => {
    let sent = '';
    await using server = await serveTcp((socket) => {
      socket.on('data', (bytes) => {
        sent += bytes;
        socket.write('+PO', () => setImmediate(() => socket.write('NG\r\n')));
      });
    });
    expect(await ask({ kind: 'redis', host: server.host, port: server.port })).toEqual({ ok: true, answer: 'PONG' });
    expect(sent).toBe('*1\r\n$4\r\nPING\r\n');
  });

  it('gives up on a line without end', async () => {
    await using server = await serveReply('x'.repeat(200_000));
    expect(await ask({ kind: 'redis', host: server.host, port: server.port })).toEqual({
      ok: false,
      answer: 'an endless answer',
    });
  });
});
