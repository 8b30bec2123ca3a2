import { describe, expect, it } from 'vitest';
import { bearer } from '../support/bearer.ts';
import { runToEnd, startService } from '../support/running-service.ts';

const SECRET = '0123456789abcdef0123456789abcdef';
const SETTINGS = {
  Jwt__Secret: SECRET,
  // Nothing listens on port 1.
  ConnectionStrings__DefaultConnection: 'Host=127.0.0.1;Port=1;Database=x;Username=x;Password=x',
};

async function headersOf(more: Readonly<Record<string, string>> = {}): Promise<Record<string, string>> {
  return { ...(await bearer(SECRET)), 'content-type': 'application/json', ...more };
}

describe('config-service without its database', () => {
  it('answers 503, watchers and streams included, and stops when it is told to', async () => {
    await using service = await startService('config-service', SETTINGS);
    const url = `${service.url}/api/config/orders/production`;
    const headers = await headersOf();
    const stream = { headers: { ...headers, accept: 'text/event-stream' } };
    const asked: readonly [string, RequestInit][] = [
      [url, { headers }],
      [url, { headers, method: 'PUT', body: '{"values":{}}' }],
      [`${url}/watch`, { headers }],
      [`${url}/watch`, stream],
    ];
    for (const [address, init] of asked) {
      const answer = await fetch(address, init);
      expect(answer.status, address).toBe(503);
      expect(answer.headers.get('content-type')).toContain('application/problem+json');
    }
    expect(await service.stop()).toBe(0);
  });

  it('says what is wrong with a request', async () => {
    await using service = await startService('config-service', SETTINGS);
    const lastId = { accept: 'text/event-stream', 'last-event-id': 'x' };
    const requests = [
      { method: 'PUT', path: '', body: '{"values":[]}', field: '/values' },
      { method: 'PUT', path: '', body: '{"values":{},"version":7}', field: '/version' },
      { method: 'PUT', path: '', body: '{"values":{}}', more: { 'if-match': '7' }, field: 'if-match' },
      { method: 'POST', path: '/rollback', body: '{"version":0}', field: '/version' },
      { method: 'GET', path: '?version=0', field: 'version' },
      { method: 'GET', path: '/history?limit=1000', field: 'limit' },
      { method: 'GET', path: '/watch?timeout=61', field: 'timeout' },
      { method: 'GET', path: '/watch', more: lastId, field: 'last-event-id' },
    ];
    for (const { method, path, body, more, field } of requests) {
      const init = { method, headers: await headersOf(more), ...(body === undefined ? {} : { body }) };
      const answer = await fetch(`${service.url}/api/config/orders/production${path}`, init);
      expect(answer.status, field).toBe(400);
      expect(await answer.json()).toMatchObject({ errors: [expect.objectContaining({ field })] });
    }
  });

  it('takes no body of more than 256 KiB, and no name that is none', async () => {
    await using service = await startService('config-service', SETTINGS);
    const body = JSON.stringify({ values: { a: 'a'.repeat(256 * 1024) } });
    const put = { method: 'PUT', headers: await headersOf(), body };
    expect((await fetch(`${service.url}/api/config/orders/production`, put)).status).toBe(413);
    const get = { headers: await headersOf() };
    expect((await fetch(`${service.url}/api/config/orders/a%20b`, get)).status).toBe(400);
  });

  it('shows nothing without a token', async () => {
    await using service = await startService('config-service', SETTINGS);
    expect((await fetch(`${service.url}/api/config`)).status).toBe(401);
  });
});

describe('config-service with a setting it cannot run with', () => {
  it('says so and exits 3', async () => {
    const { code, logs } = await runToEnd('config-service', { ...SETTINGS, Config__MaxWatchers: '0' });
    expect(code).toBe(3);
    expect(logs.some((line) => line.message.startsWith('Config__MaxWatchers must be'))).toBe(true);
  });
});
