import { describe, expect, it } from 'vitest';
import { runToEnd, startService } from '../support/running-service.ts';

const SETTINGS = {
  Jwt__Secret: '0123456789abcdef0123456789abcdef',
  // Nothing listens on port 1.
  ConnectionStrings__DefaultConnection: 'Host=127.0.0.1;Port=1;Database=x;Username=x;Password=x',
};

function post(url: string, body: unknown): Promise<Response> {
  return fetch(url, { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } });
}

describe('auth-service without its database', () => {
  it('lives, is unready, answers 503 and stops when it is told to', async () => {
    await using service = await startService('auth-service', SETTINGS);
    expect((await fetch(`${service.url}/health/live`)).status).toBe(200);
    expect((await fetch(`${service.url}/health/ready`)).status).toBe(503);
    const login = await post(`${service.url}/api/auth/login`, { username: 'alice', password: 'correct horse' });
    expect(login.status).toBe(503);
    expect(login.headers.get('content-type')).toContain('application/problem+json');
    expect(login.headers.get('retry-after')).toBe('1');
    expect(await service.stop()).toBe(0);
  });

  it('says all that is wrong with a registration at once', async () => {
    await using service = await startService('auth-service', SETTINGS);
    const answer = await post(`${service.url}/api/auth/register`, { username: '-', password: 'short', role: 'admin' });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({
      errors: [
        { field: '/role', message: 'must NOT have additional properties' },
        { field: '/username', message: expect.stringMatching(/^must be 3 to 64 letters/) },
        { field: '/password', message: 'must NOT have fewer than 15 characters' },
      ],
    });
  });

  it('tells nobody who they are without a token', async () => {
    await using service = await startService('auth-service', SETTINGS);
    expect((await fetch(`${service.url}/api/auth/me`)).status).toBe(401);
  });
});

describe('auth-service with a setting it cannot run with', () => {
  it.each([
    [{ Jwt__Secret: 'short' }, 'Jwt__Secret has 5 bytes'],
    [{ Jwt__Expiration: '0' }, 'Jwt__Expiration must be'],
    [{ Auth__TrustedProxies: 'gateway' }, 'Auth__TrustedProxies must be'],
    [{ LOG_LEVEL: 'loud' }, 'LOG_LEVEL must be one of trace, debug, info'],
  ])('%j says so and exits 3', async (change, message) => {
    const { code, logs } = await runToEnd('auth-service', { ...SETTINGS, ...change });
    expect(code).toBe(3);
    expect(logs.some((line) => line.message.startsWith(message))).toBe(true);
  });
});
