import { describe, expect, it } from 'vitest';
import { TokenVerifier } from '../src/token-verifier.ts';
import { signToken } from '../src/tokens.ts';

const SECRET = 'a secret of thirty-two bytes or more';
const PARTIES = { issuer: 'ToskaMesh', audience: 'ToskaMesh' };
const NOW = Date.UTC(2026, 0, 1);

const sign = (subject: string) =>
  signToken(SECRET, { ...PARTIES, subject, lifetimeSeconds: 100, nowMs: NOW }).then(({ token }) => token);

describe('TokenVerifier', () => {
  it('remembers a good token, and no longer than it is good', async () => {
    const verifier = new TokenVerifier(SECRET, PARTIES);
    const token = await sign('ada');
    const first = await verifier.verify(token, NOW);
    expect(first).toMatchObject({ ok: true, claims: { subject: 'ada' } });
    expect(verifier.remembered).toBe(1);
    expect(await verifier.verify(token, NOW + 150_000)).toEqual(first);
    expect(await verifier.verify(token, NOW + 161_000)).toEqual({ ok: false, why: 'it has expired' });
    expect(verifier.remembered).toBe(0);
  });

  it('does not remember a bad token', async () => {
    const verifier = new TokenVerifier('another secret of thirty-two bytes', PARTIES);
    expect(await verifier.verify(await sign('ada'), NOW)).toMatchObject({ ok: false });
    expect(verifier.remembered).toBe(0);
  });

  it('forgets those that were not used for longest', async () => {
    const verifier = new TokenVerifier(SECRET, PARTIES);
    for (let user = 0; user < 2010; user++) {
      await verifier.verify(await sign(`user-${user}`), NOW);
    }
    expect(verifier.remembered).toBe(2000);
  });
});
