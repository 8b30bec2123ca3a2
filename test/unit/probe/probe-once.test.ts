import { execFile } from 'node:child_process';
import { getEventListeners } from 'node:events';
import type { Socket } from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { ProbeTarget } from '../../../src/probe/probe.ts';
import { probeOnce } from '../../../src/probe/probe-once.ts';
import { ask } from './ask.ts';
import { closedPort, reset, serveGrpc, serveHttp, serveReply, serveTcp } from './local-server.ts';

const host = '127.0.0.1';

function everyKind(port: number, at = host): ProbeTarget[] {
  return [
    { kind: 'http', host: at, port, path: '/' },
    { kind: 'grpc', host: at, port, service: '' },
    { kind: 'postgres', host: at, port, user: 'ada', database: 'shop' },
    ...(['redis', 'amqp', 'consul', 'tcp'] as const).map((kind) => ({ kind, host: at, port })),
  ];
}

const KINDS = everyKind(0).map(({ kind }) => kind);

function targetOf(kind: string, port: number, at?: string): ProbeTarget {
  const target = everyKind(port, at).find((candidate) => candidate.kind === kind);
  if (target === undefined) throw new Error(`no kind ${kind}`);
  return target;
}

describe.each(KINDS)('a %s probe', (kind) => {
  it('says that the connection was refused', async () => {
    expect(await ask(targetOf(kind, await closedPort()))).toEqual({ ok: false, answer: 'connection refused' });
  });

  it('says that a name is not found', async () => {
    // A label may have 63 characters, so no name server need be asked.
    const name = `${'x'.repeat(64)}.invalid`;
    expect(await ask(targetOf(kind, 80, name))).toEqual({ ok: false, answer: 'name not found' });
  });

  it('does not go on when its signal is aborted before', async () => {
    let connections = 0;
    await using server = await serveTcp(() => connections++);
    const reason = new Error('stop');
    const probing = probeOnce(targetOf(kind, server.port), { timeoutMs: 10_000, signal: AbortSignal.abort(reason) });
    await expect(probing).rejects.toBe(reason);
    expect(connections).toBe(0);
  });

  it('stops with the reason when its signal is aborted, and closes its connection', async () => {
    const abort = new AbortController();
    const reason = new Error('stop');
    let onClosed = () => {};
    const closed = new Promise<void>((resolve) => {
      onClosed = resolve;
    });
    await using server = await serveTcp((socket) => {
      socket.on('close', onClosed).resume();
      abort.abort(reason);
    });
    const probing = probeOnce(targetOf(kind, server.port), { timeoutMs: 10_000, signal: abort.signal });
    await expect(probing).rejects.toBe(reason);
    await closed;
    expect(getEventListeners(abort.signal, 'abort')).toHaveLength(0);
  });
});

describe.each(KINDS.filter((kind) => kind !== 'tcp'))('a %s probe on an open port', (kind) => {
  it.each([
    ['is reset', (socket: Socket) => socket.once('data', () => reset(socket)), /connection closed/],
    ['is closed', (socket: Socket) => socket.once('data', () => socket.end()), /connection closed/],
    ['stays silent', (socket: Socket) => socket.resume(), /timed out after 0\.1 s/],
  ])('says that the connection %s', async (_, play, words) => {
    await using server = await serveTcp(play);
    const { ok, answer } = await ask(targetOf(kind, server.port), words.source.includes('timed') ? 100 : undefined);
    expect([ok, answer]).toEqual([false, expect.stringMatching(words)]);
  });
});

describe('probeOnce', () => {
  it('reaches a server by name, where a name has addresses of both families', async () => {
    await using server = await serveHttp((_, response) => response.end());
    expect(await ask({ kind: 'http', host: 'localhost', port: server.port, path: '/' })).toEqual({
      ok: true,
      answer: '200',
    });
  });

  it('leaves nothing behind, whatever the answer', async () => {
    await using http = await serveHttp((_, response) => response.end('fine'));
    await using grpc = await serveGrpc((stream) => stream.respond({ ':status': 200 }, { endStream: true }));
    await using redis = await serveReply('+PONG\r\n');
    await using silent = await serveTcp((socket) => socket.resume());
    await using closing = await serveTcp((socket) => socket.end());
    const targets: ProbeTarget[] = [
      { kind: 'http', host, port: http.port, path: '/' },
      { kind: 'grpc', host, port: grpc.port, service: '' },
      { kind: 'redis', host, port: redis.port },
      ...everyKind(silent.port),
      ...everyKind(closing.port),
      ...everyKind(await closedPort()),
    ];
    // In a process of its own: here the servers' sockets and the test runner's timers would be counted too.
    const script = path.join(import.meta.dirname, 'report-leftovers.ts');
    const run = promisify(execFile)(process.execPath, ['--import', 'tsx', script, JSON.stringify(targets)]);
    const leftovers: unknown = JSON.parse((await run).stdout);
    expect(leftovers).toEqual(targets.map(({ kind }) => ({ kind, left: [] })));
  }, 30_000);
});
