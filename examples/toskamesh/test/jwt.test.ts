import { describe, expect, it } from 'vitest';
import { bearerToken, signToken, verifyToken } from '../src/shared/jwt.ts';

const SECRET = 'a secret of at least thirty-two bytes';
const PARTIES = { issuer: 'ToskaMesh', audience: 'ToskaMesh' };
const NOW = Date.UTC(2030, 0, 1);
const sign = (lifetimeSeconds = 3600) =>
  signToken(SECRET, { ...PARTIES, subject: 'alice', lifetimeSeconds, nowMs: NOW });
const verify = (token: string, nowMs = NOW, secret = SECRET, parties = PARTIES) =>
  verifyToken(secret, token, parties, nowMs);
const refused = (why: string) => ({ ok: false, why });
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('tokens', () => {
  it('verify with the key they were signed with', () => {
    const { token, claims } = sign();
    expect(claims.exp - claims.iat).toBe(3600);
    expect(verify(token)).toEqual({ ok: true, claims });
  });

  it('are the JWTs of RFC 7515', () => {
    // The example of appendix A.1: another implementation's key and signature.
    const key = 'AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow';
    const token =
      'eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
    const verdict = verifyToken(Buffer.from(key, 'base64url'), token, PARTIES, NOW);
    // The signature holds: only then is the expiry looked at.
    expect(verdict).toEqual(refused('it has expired'));
  });

  it('are refused with another key, issuer or audience', () => {
    const { token } = sign();
    expect(verify(token, NOW, `${SECRET}!`)).toEqual(refused('its signature does not match'));
    expect(verify(token, NOW, SECRET, { ...PARTIES, issuer: 'x' })).toEqual(refused('its issuer is another one'));
    expect(verify(token, NOW, SECRET, { ...PARTIES, audience: 'x' })).toEqual(refused('it is for another audience'));
  });

  it('expire, a minute of skew granted', () => {
    const { token } = sign(10);
    expect(verify(token, NOW + 69_000).ok).toBe(true);
    expect(verify(token, NOW + 71_000)).toEqual(refused('it has expired'));
  });

  it('are refused when altered or cut', () => {
    const { token } = sign();
    const [header, , signature] = token.split('.');
    const claims = { sub: 'root', iss: 'ToskaMesh', aud: 'ToskaMesh', exp: NOW };
    expect(verify(`${header}.${encode(claims)}.${signature}`)).toEqual(refused('its signature does not match'));
    expect(verify(token.slice(0, -1)).ok).toBe(false);
    expect(verify('nonsense')).toEqual(refused('it is not a JWT'));
    expect(verify(`${token}.x`)).toEqual(refused('it is not a JWT'));
  });

  it('do not choose their own algorithm', () => {
    const claims = { sub: 'root', iss: 'ToskaMesh', aud: 'ToskaMesh', exp: NOW };
    expect(verify(`${encode({ alg: 'none' })}.${encode(claims)}.`)).toEqual(refused('it is not signed with HS256'));
  });
});

describe('bearerToken', () => {
  it.each([
    ['Bearer abc', 'abc'],
    ['bearer  abc ', 'abc'],
    ['Basic abc', undefined],
    ['Bearer', undefined],
    [undefined, undefined],
  ])('of %s', (header, token) => {
    expect(bearerToken(header)).toBe(token);
  });
});
