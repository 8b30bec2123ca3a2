import { describe, expect, it } from 'vitest';
import { ask } from './ask.ts';
import { serveHttp } from './local-server.ts';

describe('probeConsul', () => {
  it.each([
    [200, '"172.17.0.2:8300"', { ok: true, answer: 'leader 172.17.0.2:8300' }],
    [200, '""\n', { ok: false, answer: 'no leader yet' }],
    [500, 'No known Consul servers', { ok: false, answer: '500 No known Consul servers' }],
    [200, '<html>', { ok: false, answer: 'not a Consul answer' }],
    [200, '{}', { ok: false, answer: 'not a Consul answer' }],
  ])('%i %s', async (status, body, expected) => {
    const paths: unknown[] = [];
    await using server = await serveHttp((request, response) => {
      paths.push(request.url);
      response.writeHead(status).end(body);
    });
    expect(await ask({ kind: 'consul', host: server.host, port: server.port })).toEqual(expected);
    expect(paths).toEqual(['/v1/status/leader']);
  });
});
