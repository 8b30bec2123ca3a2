import { SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { bearerToken, signToken, verifyToken } from '../src/tokens.ts';

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
  it('verify with the key they were signed with', async () => {
    const { token, claims } = await sign();
    expect(claims.expiresAt - claims.issuedAt).toBe(3600);
    expect(await verify(token)).toEqual({ ok: true, claims });
  });

  it('may carry the name under which their subject logs in', async () => {
    const options = { ...PARTIES, subject: 'id', username: 'Alice', lifetimeSeconds: 60, nowMs: NOW };
    const { token } = await signToken(SECRET, options);
    expect(await verify(token)).toMatchObject({ ok: true, claims: { subject: 'id', username: 'Alice' } });
  });

  it('are the JWTs of RFC 7519, which other libraries read', async () => {
    const { token } = await sign();
    const [header, payload] = token.split('.').map((part) => Buffer.from(part, 'base64url').toString());
    expect(JSON.parse(header ?? '')).toEqual({ alg: 'HS256', typ: 'JWT' });
    expect(JSON.parse(payload ?? '')).toMatchObject({
      sub: 'alice',
      iss: 'ToskaMesh',
      aud: 'ToskaMesh',
      exp: NOW / 1000 + 3600,
    });
  });

  it('are refused with another key, issuer or audience', async () => {
    const { token } = await sign();
    expect(await verify(token, NOW, `${SECRET}!`)).toEqual(refused('its signature does not match'));
    expect(await verify(token, NOW, SECRET, { ...PARTIES, issuer: 'x' })).toEqual(refused('its issuer is another one'));
    expect(await verify(token, NOW, SECRET, { ...PARTIES, audience: 'x' })).toEqual(
      refused('it is for another audience'),
    );
  });

  it('expire, a minute of skew granted', async () => {
    const { token } = await sign(10);
    expect((await verify(token, NOW + 69_000)).ok).toBe(true);
    expect(await verify(token, NOW + 71_000)).toEqual(refused('it has expired'));
  });

  it('are refused when altered or cut', async () => {
    const { token } = await sign();
    const [header, , signature] = token.split('.');
    const claims = { sub: 'root', iss: 'ToskaMesh', aud: 'ToskaMesh', exp: NOW };
    expect(await verify(`${header}.${encode(claims)}.${signature}`)).toEqual(refused('its signature does not match'));
    expect((await verify(token.slice(0, -1))).ok).toBe(false);
    expect(await verify('nonsense')).toEqual(refused('it is not a JWT'));
    expect(await verify(`${token}.x`)).toEqual(refused('it is not a JWT'));
  });

  it('are refused when they name nobody', async () => {
    const claims = { iss: 'ToskaMesh', aud: 'ToskaMesh', exp: NOW / 1000 + 60 };
    const signed = (more: object) =>
      new SignJWT({ ...claims, ...more }).setProtectedHeader({ alg: 'HS256' }).sign(Buffer.from(SECRET));
    expect(await verify(await signed({}))).toEqual(refused('it has no sub'));
    expect(await verify(await signed({ sub: '' }))).toEqual(refused('its sub names nobody'));
    expect((await verify(await signed({ sub: 'ada' }))).ok).toBe(true);
  });

  it('do not choose their own algorithm', async () => {
    const claims = { sub: 'root', iss: 'ToskaMesh', aud: 'ToskaMesh', exp: NOW };
    expect(await verify(`${encode({ alg: 'none' })}.${encode(claims)}.`)).toEqual(
      refused('it is not signed with HS256'),
    );
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
