import { describe, expect, it } from 'vitest';
import { ask } from './ask.ts';
import { type LocalServer, serveHttp, serveReply, serveTcp } from './local-server.ts';

const target = ({ host, port }: LocalServer, path = '/health', status?: number) =>
  ({ kind: 'http', host, port, path, status }) as const;

describe('probeHttp', () => {
  it('sends one plain GET and takes any 2xx', async () => {
    const seen: unknown[] = [];
    await using server = await serveHttp((request, response) => {
      seen.push([request.method, request.url, request.headers.connection, request.headers.host]);
      response.writeHead(204).end();
    });
    expect(await ask(target(server, '/health/ready?full=1'))).toEqual({ ok: true, answer: '204' });
    expect(seen).toEqual([['GET', '/health/ready?full=1', 'close', `127.0.0.1:${server.port}`]]);
  });

  it('takes exactly the status that is wanted', async () => {
    await using server = await serveHttp((_, response) => response.writeHead(401).end());
    expect(await ask(target(server, '/', 401))).toEqual({ ok: true, answer: '401' });
    expect(await ask(target(server, '/', 200))).toEqual({ ok: false, answer: '401 Unauthorized' });
  });

  it('does not wait for the body of a good answer', async () => {
    await using server = await serveHttp((_, response) => response.writeHead(200).write('a stream without end'));
    expect(await ask(target(server))).toEqual({ ok: true, answer: '200' });
  });

  it('shows the body of a bad answer in one line', async () => {
    await using server = await serveHttp((_, response) =>
      response.writeHead(503).end('{"status":"unready",\r\n\t"why":"\u001b[31mno \u0007database\u202e"}'),
    );
    expect(await ask(target(server))).toEqual({ ok: false, answer: '503 {"status":"unready", "why":"no database"}' });
  });

  it('does not say a status twice', async () => {
    await using server = await serveHttp((_, response) => response.writeHead(404).end('404 page not found\n'));
    expect(await ask(target(server))).toEqual({ ok: false, answer: '404 page not found' });
  });

  it('shows at most 200 characters of it', async () => {
    await using server = await serveHttp((_, response) => response.writeHead(500).end('é'.repeat(300)));
    expect((await ask(target(server))).answer).toBe(`500 ${'é'.repeat(200)}…`);
  });

  it('stops reading a body that does not end', async () => {
    await using server = await serveHttp((_, response) => {
      response.writeHead(500);
      const more = () => response.write('x'.repeat(10_000), (error) => error ?? more());
      more();
    });
    expect((await ask(target(server))).answer).toBe(`500 ${'x'.repeat(200)}…`);
  });

  it.each([
    ['breaks off', (end: () => void) => end()],
    ['stalls', () => {}],
  ])('shows what came of a body that %s', async (_, then) => {
    await using server = await serveHttp((_, response) => {
      response.writeHead(503, { 'content-length': 1000 }).write('half an ans', () => then(() => response.destroy()));
    });
    expect(await ask(target(server), 1000)).toEqual({ ok: false, answer: '503 half an ans' });
  });

  it('follows no redirect', async () => {
    await using server = await serveHttp((request, response) =>
      request.url === '/' ? response.writeHead(200).end() : response.writeHead(302, { location: '/' }).end(),
    );
    expect(await ask(target(server))).toEqual({ ok: false, answer: '302 Found' });
  });

  it('says when the other side does not speak HTTP, or closes', async () => {
    await using other = await serveReply('+PONG\r\n');
    await using closing = await serveTcp((socket) => socket.once('data', () => socket.end()));
    expect(await ask(target(other))).toEqual({ ok: false, answer: 'not an HTTP answer' });
    expect(await ask(target(closing))).toEqual({ ok: false, answer: 'connection closed' });
  });

  it('answers also for a path that cannot be sent', async () => {
    await using server = await serveHttp((_, response) => response.end());
    expect(await ask(target(server, '/a b'))).toMatchObject({ ok: false });
  });
});
