import { randomUUID } from 'node:crypto';
import { errors, jwtVerify, SignJWT } from 'jose';
import type { Settings } from './settings.ts';

export interface TokenParties {
  readonly issuer: string;
  readonly audience: string;
}

export interface TokenClaims {
  readonly subject: string;
  /** The name under which the subject logs in; services, which are subjects too, have none. */
  readonly username?: string;
  /** `jti`: by it a token can be told from others of the same subject. */
  readonly id: string;
  /** Unix seconds. */
  readonly issuedAt: number;
  /** Unix seconds. */
  readonly expiresAt: number;
}

export interface SignOptions extends TokenParties {
  readonly subject: string;
  readonly username?: string;
  readonly lifetimeSeconds: number;
  readonly nowMs?: number;
}

export interface SignedToken {
  readonly token: string;
  readonly claims: TokenClaims;
}

export type Verdict =
  | { readonly ok: true; readonly claims: TokenClaims }
  | { readonly ok: false; readonly why: string };

/** .NET lets clocks differ by five minutes; one is plenty within a mesh. */
export const CLOCK_SKEW_SECONDS = 60;
/** Fixed, so that a token that says `none` or RS256 does not choose how it is checked. */
const ALGORITHM = 'HS256';

/** The parties of the tokens that users carry. */
export function tokenPartiesOf(settings: Settings): TokenParties {
  return {
    issuer: settings.optional('Jwt__Issuer') ?? 'ToskaMesh',
    audience: settings.optional('Jwt__Audience') ?? 'ToskaMesh',
  };
}

export async function signToken(secret: string, options: SignOptions): Promise<SignedToken> {
  const { issuer, audience, subject, username, lifetimeSeconds, nowMs = Date.now() } = options;
  const issuedAt = Math.floor(nowMs / 1000);
  const named = username === undefined ? {} : { username };
  const claims = { subject, ...named, id: randomUUID(), issuedAt, expiresAt: issuedAt + lifetimeSeconds };
  const token = await new SignJWT(named)
    .setProtectedHeader({ alg: ALGORITHM, typ: 'JWT' })
    .setIssuer(issuer)
    .setAudience(audience)
    .setSubject(subject)
    .setJti(claims.id)
    .setIssuedAt(issuedAt)
    .setExpirationTime(claims.expiresAt)
    .sign(Buffer.from(secret));
  return { token, claims };
}

export async function verifyToken(
  secret: string,
  token: string,
  { issuer, audience }: TokenParties,
  nowMs = Date.now(),
): Promise<Verdict> {
  try {
    const { payload } = await jwtVerify(token, Buffer.from(secret), {
      algorithms: [ALGORITHM],
      issuer,
      audience,
      clockTolerance: CLOCK_SKEW_SECONDS,
      currentDate: new Date(nowMs),
      requiredClaims: ['exp', 'sub'],
    });
    const { sub: subject, username, jti: id = '', iat: issuedAt = 0, exp: expiresAt = 0 } = payload;
    // What is done with a token is done by somebody, who is named in what is kept of it.
    if (typeof subject !== 'string' || subject === '') {
      return { ok: false, why: 'its sub names nobody' };
    }
    const named = typeof username === 'string' ? { username } : {};
    return { ok: true, claims: { subject, ...named, id, issuedAt, expiresAt } };
  } catch (error) {
    return { ok: false, why: describeRefusal(error) };
  }
}

/** The token of an `Authorization: Bearer …` header. */
export function bearerToken(header: string | undefined): string | undefined {
  return /^Bearer\s+(\S+)\s*$/i.exec(header ?? '')?.[1];
}

function describeRefusal(error: unknown): string {
  if (error instanceof errors.JWTExpired) return 'it has expired';
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'its signature does not match';
  if (error instanceof errors.JOSEAlgNotAllowed) return 'it is not signed with HS256';
  if (error instanceof errors.JWTClaimValidationFailed) return describeClaim(error.claim, error.reason);
  return 'it is not a JWT';
}

function describeClaim(claim: string, reason: string): string {
  switch (claim) {
    case 'iss':
      return 'its issuer is another one';
    case 'aud':
      return 'it is for another audience';
    case 'nbf':
      return 'it is not valid yet';
    default:
      return reason === 'missing' ? `it has no ${claim}` : `its ${claim} is not accepted`;
  }
}
