import type { ServerHttp2Stream } from 'node:http2';
import { describe, expect, it } from 'vitest';
import { ask } from './ask.ts';
import { closedPort, type LocalServer, serveGrpc, serveReply, serveTcp } from './local-server.ts';

const target = ({ host, port }: LocalServer, service = '') => ({ kind: 'grpc', host, port, service }) as const;

/** A whole good answer around a message. */
function respond(stream: ServerHttp2Stream, message: readonly number[], trailers = { 'grpc-status': '0' }): void {
  stream.on('wantTrailers', () => stream.sendTrailers(trailers));
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  stream.end(Buffer.from([0, 0, 0, 0, message.length, ...message]));
}

describe('probeGrpc', () => {
  it('calls Check of the health service with the name asked for', async () => {
    const calls: unknown[] = [];
    await using server = await serveGrpc((stream, { headers, body }) => {
      calls.push([headers[':method'], headers[':path'], headers['content-type'], headers.te, body.toString('latin1')]);
      respond(stream, [0x08, 1]);
    });
    expect(await ask(target(server, 'shop'))).toEqual({ ok: true, answer: 'SERVING' });
    expect(await ask(target(server))).toEqual({ ok: true, answer: 'SERVING' });
    const call = ['POST', '/grpc.health.v1.Health/Check', 'application/grpc', 'trailers'];
    expect(calls).toEqual([
      [...call, '\0\0\0\0\u0006\n\u0004shop'],
      [...call, '\0\0\0\0\0'],
    ]);
  });

  it.each([
    ['NOT_SERVING', [0x08, 2]],
    ['SERVICE_UNKNOWN', [0x08, 3]],
    ['UNKNOWN', []],
    ['status 9', [0x08, 9]],
    ['not a health answer', [0x08]],
  ])('%s is not ready', async (answer, message) => {
    await using server = await serveGrpc((stream) => respond(stream, message));
    expect(await ask(target(server))).toEqual({ ok: false, answer });
  });

  it('names the status of a refusal, which may come without a body', async () => {
    await using server = await serveGrpc((stream, { body }) => {
      const refusal =
        body.length > 5 ? { 'grpc-status': 5, 'grpc-message': 'unknown%20service' } : { 'grpc-status': 12 };
      stream.respond({ ':status': 200, 'content-type': 'application/grpc', ...refusal }, { endStream: true });
    });
    expect(await ask(target(server, 'shop'))).toEqual({ ok: false, answer: 'NOT_FOUND: unknown service' });
    expect(await ask(target(server))).toEqual({ ok: false, answer: 'UNIMPLEMENTED' });
  });

  it('tells an error in the trailers, however its message is written', async () => {
    await using server = await serveGrpc((stream) =>
      respond(stream, [0x08, 1], { 'grpc-status': '77', 'grpc-message': '100% broken' } as { 'grpc-status': string }),
    );
    expect(await ask(target(server))).toEqual({ ok: false, answer: 'grpc-status 77: 100% broken' });
  });

  it('tells HTTP/2 without gRPC, a reset stream, and no HTTP/2 at all', async () => {
    await using web = await serveGrpc((stream) => stream.respond({ ':status': 404 }, { endStream: true }));
    await using resetting = await serveGrpc((stream) => stream.close(2));
    await using http1 = await serveReply('HTTP/1.1 400 Bad Request\r\n\r\n');
    expect(await ask(target(web))).toEqual({ ok: false, answer: 'HTTP 404, not a gRPC answer' });
    expect(await ask(target(resetting))).toEqual({ ok: false, answer: 'the stream was reset without an answer' });
    expect(await ask(target(http1))).toEqual({ ok: false, answer: 'not an HTTP/2 answer' });
  });

  it('tells what the connection did', async () => {
    await using silent = await serveGrpc(() => {});
    await using closing = await serveTcp((socket) => socket.once('data', () => socket.end()));
    expect(await ask(target(silent), 200)).toEqual({ ok: false, answer: 'timed out after 0.2 s' });
    expect(await ask(target(closing))).toEqual({ ok: false, answer: 'connection closed' });
    expect(await ask({ kind: 'grpc', host: '127.0.0.1', port: await closedPort(), service: '' })).toEqual({
      ok: false,
      answer: 'connection refused',
    });
  });
});
