import { describe, expect, it } from 'vitest';
import {
  createRefreshToken,
  decideRefresh,
  hashSecret,
  parseRefreshToken,
  renderRefreshToken,
} from '../../src/auth-service/refresh-token.ts';

const NOW = new Date('2030-01-01T00:00:00Z');
const LATER = new Date('2030-01-01T00:00:01Z');

describe('a refresh token', () => {
  it('holds its session and 256 bits that differ each time', () => {
    const token = createRefreshToken();
    const text = renderRefreshToken(token);
    expect(parseRefreshToken(text)).toEqual(token);
    expect(token.secret).toHaveLength(32);
    expect(createRefreshToken(token.sessionId).secret).not.toEqual(token.secret);
  });

  it.each(['', 'abc', `${'A'.repeat(63)}=`, 'A'.repeat(65), `${'A'.repeat(63)}\u0000`])('cannot be %j', (text) => {
    expect(parseRefreshToken(text)).toBeUndefined();
  });
});

describe('decideRefresh', () => {
  const old = createRefreshToken();
  const newest = createRefreshToken(old.sessionId);
  const session = { secretHash: hashSecret(newest.secret), expiresAt: LATER };

  it('gives a new token for the newest one', () => {
    expect(decideRefresh(session, newest.secret, NOW)).toBe('rotate');
  });

  it('takes any other token of the session for a copy, even when the session has expired', () => {
    expect(decideRefresh(session, old.secret, NOW)).toBe('reuse');
    expect(decideRefresh(session, old.secret, LATER)).toBe('reuse');
  });

  it('gives nothing from the moment on at which the session expires', () => {
    expect(decideRefresh(session, newest.secret, LATER)).toBe('expired');
  });

  it('knows nothing of a session that was ended', () => {
    expect(decideRefresh(undefined, newest.secret, NOW)).toBe('unknown');
  });
});
