import { createHash, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto';

const UUID_BYTES = 16;
const SECRET_BYTES = 32;

/** A refresh token's two halves: which session it belongs to, and 256 bits that only its holder knows. */
export interface RefreshToken {
  readonly sessionId: string;
  readonly secret: Buffer;
}

/** What is kept of a session. */
export interface Session {
  /** Of the newest token's secret. */
  readonly secretHash: Buffer;
  readonly expiresAt: Date;
}

/** `reuse`: the session exists, but this is not its newest token, so somebody holds a copy of one. */
export type RefreshDecision = 'rotate' | 'reuse' | 'expired' | 'unknown';

export function createRefreshToken(sessionId: string = randomUUID()): RefreshToken {
  return { sessionId, secret: randomBytes(SECRET_BYTES) };
}

export function renderRefreshToken({ sessionId, secret }: RefreshToken): string {
  const id = Buffer.from(sessionId.replaceAll('-', ''), 'hex');
  return Buffer.concat([id, secret]).toString('base64url');
}

/** Undefined when the text cannot be a token of this service. */
export function parseRefreshToken(text: string): RefreshToken | undefined {
  const bytes = /^[A-Za-z0-9_-]{64}$/.test(text) ? Buffer.from(text, 'base64url') : Buffer.alloc(0);
  if (bytes.length !== UUID_BYTES + SECRET_BYTES) {
    return undefined;
  }
  const id = bytes.subarray(0, UUID_BYTES).toString('hex');
  const sessionId = id.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  return { sessionId, secret: bytes.subarray(UUID_BYTES) };
}

/** A fast hash will do: 256 random bits cannot be guessed, however fast each guess is. */
export function hashSecret(secret: Buffer): Buffer {
  return createHash('sha256').update(secret).digest();
}

/**
 * What a refresh with this secret leads to. Whoever has a copy of a token, and its owner, cannot be told apart: so a
 * second use ends the session for both, as https://www.rfc-editor.org/rfc/rfc9700#section-4.14.2 advises.
 */
export function decideRefresh(session: Session | undefined, secret: Buffer, now: Date): RefreshDecision {
  if (session === undefined) {
    return 'unknown';
  }
  if (!timingSafeEqual(session.secretHash, hashSecret(secret))) {
    return 'reuse';
  }
  return session.expiresAt <= now ? 'expired' : 'rotate';
}
