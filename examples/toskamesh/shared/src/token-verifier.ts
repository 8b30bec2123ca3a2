import { CLOCK_SKEW_SECONDS, type TokenClaims, type TokenParties, type Verdict, verifyToken } from './tokens.ts';

/** Each is a few hundred bytes: under a megabyte in all. */
const MAX_REMEMBERED = 2000;

/**
 * Verifies tokens and remembers the good ones until they expire. A user sends the same token with every request, and
 * to check its signature anew takes longer than all else that is done with a small request. Bad ones are not
 * remembered: they would let anybody fill the memory.
 */
export class TokenVerifier {
  readonly #secret: string;
  readonly #parties: TokenParties;
  /** In the order of their last use: a Map keeps the order of insertion. */
  readonly #remembered = new Map<string, TokenClaims>();

  constructor(secret: string, parties: TokenParties) {
    this.#secret = secret;
    this.#parties = parties;
  }

  get remembered(): number {
    return this.#remembered.size;
  }

  async verify(token: string, nowMs = Date.now()): Promise<Verdict> {
    const known = this.#remembered.get(token);
    if (known !== undefined) {
      this.#remembered.delete(token);
      if (nowMs / 1000 < known.expiresAt + CLOCK_SKEW_SECONDS) {
        this.#remembered.set(token, known);
        return { ok: true, claims: known };
      }
    }
    const verdict = await verifyToken(this.#secret, token, this.#parties, nowMs);
    if (verdict.ok) {
      this.#remember(token, verdict.claims);
    }
    return verdict;
  }

  #remember(token: string, claims: TokenClaims): void {
    this.#remembered.set(token, claims);
    if (this.#remembered.size > MAX_REMEMBERED) {
      for (const oldest of this.#remembered.keys()) {
        this.#remembered.delete(oldest);
        break;
      }
    }
  }
}
