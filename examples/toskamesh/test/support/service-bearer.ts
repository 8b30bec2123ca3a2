import { createHmac } from 'node:crypto';

const LIFETIME_SECONDS = 3600;

/** The header by which a service identifies itself to another, signed as any JWT library would. */
export function serviceBearer(secret: string): { readonly authorization: string } {
  const now = Math.floor(Date.now() / 1000);
  const parties = { iss: 'ToskaMesh.Services', aud: 'ToskaMesh.Services', sub: 'test' };
  const parts = [
    { alg: 'HS256', typ: 'JWT' },
    { ...parties, iat: now, exp: now + LIFETIME_SECONDS },
  ];
  const signed = parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  const signature = createHmac('sha256', secret).update(signed).digest('base64url');
  return { authorization: `Bearer ${signed}.${signature}` };
}
