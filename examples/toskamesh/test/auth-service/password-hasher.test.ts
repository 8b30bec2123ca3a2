import { describe, expect, it } from 'vitest';
import { PasswordHasher } from '../../src/auth-service/password-hasher.ts';

/** Of RFC 7914: https://www.rfc-editor.org/rfc/rfc7914#section-12 */
const PLEASELETMEIN = Buffer.from(
  '7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887',
  'hex',
);

describe('PasswordHasher', () => {
  it('tells the password that was hashed from all others', async () => {
    const hasher = new PasswordHasher();
    const stored = await hasher.hash('correct horse battery');
    expect(await hasher.verify('correct horse battery', stored)).toBe('current');
    expect(await hasher.verify('correct horse batterY', stored)).toBe('none');
    expect(await hasher.hash('correct horse battery')).not.toBe(stored);
  });

  it('takes letters for the same however they were typed', async () => {
    const hasher = new PasswordHasher();
    const stored = await hasher.hash('caf\u00e9 au lait, sil vous plait');
    expect(await hasher.verify('cafe\u0301 au lait, sil vous plait', stored)).toBe('current');
  });

  it('computes scrypt as others do, and says that such parameters are outdated', async () => {
    const salt = Buffer.from('SodiumChloride').toString('base64').replaceAll('=', '');
    const key = PLEASELETMEIN.toString('base64').replaceAll('=', '');
    const stored = `$scrypt$ln=14,r=8,p=1$${salt}$${key}`;
    expect(await new PasswordHasher().verify('pleaseletmein', stored)).toBe('outdated');
  });

  it('knows no password of a user that does not exist', async () => {
    expect(await new PasswordHasher().verify('', undefined)).toBe('none');
  });
});
