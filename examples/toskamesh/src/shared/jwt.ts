import { createHmac, randomUUID, timingSafeEqual } from 'node:crypto';

export interface TokenParties {
  readonly issuer: string;
  readonly audience: string;
}

export interface TokenClaims {
  readonly sub: string;
  readonly jti: string;
  readonly iss: string;
  readonly aud: string;
  readonly iat: number;
  readonly exp: number;
}

export interface SignOptions extends TokenParties {
  readonly subject: string;
  readonly lifetimeSeconds: number;
  readonly nowMs?: number;
}

export type Verdict =
  | { readonly ok: true; readonly claims: TokenClaims }
  | { readonly ok: false; readonly why: string };

/** .NET lets clocks differ by five minutes; one is plenty within a mesh. */
const CLOCK_SKEW_SECONDS = 60;

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const signature = (secret: string | Buffer, input: string): Buffer =>
  createHmac('sha256', secret).update(input).digest();

export function signToken(
  secret: string | Buffer,
  options: SignOptions,
): { readonly token: string; readonly claims: TokenClaims } {
  const iat = Math.floor((options.nowMs ?? Date.now()) / 1000);
  const claims: TokenClaims = {
    sub: options.subject,
    jti: randomUUID(),
    iss: options.issuer,
    aud: options.audience,
    iat,
    exp: iat + options.lifetimeSeconds,
  };
  const input = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(claims)}`;
  return { token: `${input}.${signature(secret, input).toString('base64url')}`, claims };
}

export function verifyToken(
  secret: string | Buffer,
  token: string,
  expected: TokenParties,
  nowMs = Date.now(),
): Verdict {
  const [header, payload, sent, ...more] = token.split('.');
  if (header === undefined || payload === undefined || sent === undefined || more.length > 0) {
    return refuse('it is not a JWT');
  }
  // The algorithm is fixed: a token that says `none` or RS256 must not choose how it is checked.
  if (decode(header)?.alg !== 'HS256') {
    return refuse('it is not signed with HS256');
  }
  const given = Buffer.from(sent, 'base64url');
  const wanted = signature(secret, `${header}.${payload}`);
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) {
    return refuse('its signature does not match');
  }
  return checkClaims(decode(payload), expected, Math.floor(nowMs / 1000));
}

/** The token of an `Authorization: Bearer …` header. */
export function bearerToken(header: string | undefined): string | undefined {
  return /^Bearer\s+(\S+)\s*$/i.exec(header ?? '')?.[1];
}

function checkClaims(claims: Record<string, unknown> | undefined, expected: TokenParties, now: number): Verdict {
  if (claims === undefined) {
    return refuse('its claims are not JSON');
  }
  const { iss, aud, exp, nbf } = claims;
  if (typeof exp !== 'number' || exp + CLOCK_SKEW_SECONDS <= now) {
    return refuse('it has expired');
  }
  if (typeof nbf === 'number' && nbf - CLOCK_SKEW_SECONDS > now) {
    return refuse('it is not valid yet');
  }
  if (iss !== expected.issuer) {
    return refuse('its issuer is another one');
  }
  if (!(Array.isArray(aud) ? aud : [aud]).includes(expected.audience)) {
    return refuse('it is for another audience');
  }
  const { sub, jti, iat } = claims;
  return {
    ok: true,
    claims: {
      sub: typeof sub === 'string' ? sub : '',
      jti: typeof jti === 'string' ? jti : '',
      iss: expected.issuer,
      aud: expected.audience,
      iat: typeof iat === 'number' ? iat : 0,
      exp,
    },
  };
}

function decode(part: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

function refuse(why: string): Verdict {
  return { ok: false, why };
}
