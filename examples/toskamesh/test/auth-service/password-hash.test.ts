import { describe, expect, it } from 'vitest';
import {
  CURRENT_COST,
  isOutdated,
  memoryOf,
  parsePasswordHash,
  renderPasswordHash,
} from '../../src/auth-service/password-hash.ts';

const hash = { cost: CURRENT_COST, salt: Buffer.from('0123456789abcdef'), key: Buffer.alloc(32, 7) };

describe('a password hash', () => {
  it('is a PHC string that says how it was made', () => {
    const text = renderPasswordHash(hash);
    expect(text).toBe('$scrypt$ln=15,r=8,p=3$MDEyMzQ1Njc4OWFiY2RlZg$BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc');
    expect(parsePasswordHash(text)).toEqual(hash);
  });

  it('needs 32 MiB, so that several at once fit a small container', () => {
    expect(memoryOf(CURRENT_COST)).toBe(32 * 1024 * 1024);
  });

  it.each([
    '',
    'plain text',
    '$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$a2V5',
    '$scrypt$ln=15,r=8,p=3$$a2V5',
    '$scrypt$ln=15,r=8,p=3$c2FsdA$a2V5 ',
    // A gigabyte for one login.
    '$scrypt$ln=20,r=8,p=1$c2FsdA$a2V5',
    '$scrypt$ln=15,r=99,p=1$c2FsdA$a2V5',
  ])('is refused as %j', (text) => {
    expect(() => parsePasswordHash(text)).toThrow('not one of this service');
  });

  it('is outdated when any parameter differs from those of today', () => {
    expect(isOutdated(hash)).toBe(false);
    for (const change of [{ ln: 14 }, { r: 4 }, { p: 1 }]) {
      expect(isOutdated({ ...hash, cost: { ...CURRENT_COST, ...change } })).toBe(true);
    }
  });
});
