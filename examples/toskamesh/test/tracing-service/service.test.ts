import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { bearer } from '../support/bearer.ts';
import { runToEnd, startService } from '../support/running-service.ts';

const SECRET = 'a secret of thirty-two bytes or more';
/** Nobody listens on port 1. */
const ENVIRONMENT = {
  ConnectionStrings__DefaultConnection: 'Host=127.0.0.1;Port=1;Username=nobody',
  Jwt__Secret: SECRET,
};

const post = (url: string, body: string | Buffer, headers: Readonly<Record<string, string>>) =>
  fetch(`${url}/v1/traces`, { method: 'POST', body, headers });

const JSON_TYPE = { 'content-type': 'application/json' };

describe('the tracing service, without its database', () => {
  it('lives, is unready, says why, and stops in order', async () => {
    await using service = await startService('tracing-service', ENVIRONMENT);
    const health = await fetch(`${service.url}/health/ready`);
    expect(health.status).toBe(503);
    expect((await fetch(`${service.url}/health/live`)).status).toBe(200);
    await service.logged((line) => line.message === 'postgres does not answer');
    expect(await service.stop()).toBe(0);
  });

  it('asks exporters to send again what it cannot keep', async () => {
    await using service = await startService('tracing-service', ENVIRONMENT);
    const times = { startTimeUnixNano: '1769860800000000001', endTimeUnixNano: '1769860800005000001' };
    const span = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), ...times };
    const body = JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] });
    const answer = await post(service.url, body, JSON_TYPE);
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toBe('1');
  });

  it('says what it takes', async () => {
    await using service = await startService('tracing-service', ENVIRONMENT);
    const status = async (body: string | Buffer, headers: Readonly<Record<string, string>>) =>
      (await post(service.url, body, headers)).status;
    expect(await status('{}', JSON_TYPE)).toBe(200);
    expect(await status(gzipSync('{}'), { ...JSON_TYPE, 'content-encoding': 'gzip' })).toBe(200);
    expect(await status('not gzip', { ...JSON_TYPE, 'content-encoding': 'gzip' })).toBe(400);
    expect(await status('{}', { ...JSON_TYPE, 'content-encoding': 'br' })).toBe(415);
    expect(await status('\n\0', { 'content-type': 'application/x-protobuf' })).toBe(415);
    expect(await status('{"resourceSpans":1}', JSON_TYPE)).toBe(400);
    expect(await status('{', JSON_TYPE)).toBe(400);
    // A few bytes that become many are no way around the limit.
    const bomb = gzipSync(Buffer.alloc(20 * 1024 * 1024, ' '));
    expect(await status(bomb, { ...JSON_TYPE, 'content-encoding': 'gzip' })).toBe(413);
  });

  it('shows traces to those with a token, and names all that is wrong with a search', async () => {
    await using service = await startService('tracing-service', ENVIRONMENT);
    expect((await fetch(`${service.url}/api/traces`)).status).toBe(401);
    const headers = await bearer(SECRET);
    const answer = await fetch(`${service.url}/api/traces?limit=0&since=yesterday&wat=1`, { headers });
    expect(answer.status).toBe(400);
    const { errors } = (await answer.json()) as { errors: readonly { field: string }[] };
    expect(errors.map(({ field }) => field).sort()).toEqual(['/limit', '/since', '/wat']);
    expect((await fetch(`${service.url}/api/traces/xyz`, { headers })).status).toBe(400);
    expect((await fetch(`${service.url}/api/traces`, { headers })).status).toBe(503);
  });

  it('does not start with a retention that is no number of hours', async () => {
    const { code, logs } = await runToEnd('tracing-service', { ...ENVIRONMENT, Tracing__RetentionHours: 'a day' });
    expect(code).toBe(3);
    expect(logs.at(-1)?.message).toContain('Tracing__RetentionHours');
  });
});
