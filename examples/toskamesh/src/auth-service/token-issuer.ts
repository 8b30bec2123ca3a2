import { type Settings, signToken, type TokenParties } from '@toskamesh/shared';
import type { User } from './users.ts';

const MAX_HOURS = 24 * 365;
const MAX_DAYS = 365;

export interface TokenLifetimes {
  readonly accessSeconds: number;
  readonly refreshDays: number;
}

/** What a client gets when it logs in: https://www.rfc-editor.org/rfc/rfc6749#section-5.1, in camel case. */
export interface TokenPair {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly tokenType: 'Bearer';
  /** Seconds. */
  readonly expiresIn: number;
}

export function tokenLifetimesOf(settings: Settings): TokenLifetimes {
  const hours = settings.integer('Jwt__Expiration', { fallback: 24, min: 1, max: MAX_HOURS });
  const days = settings.integer('Jwt__RefreshExpiration', { fallback: 30, min: 1, max: MAX_DAYS });
  return { accessSeconds: hours * 3600, refreshDays: days };
}

/** Signs access tokens. They stay good until they expire: no service asks here whether one was revoked. */
export class TokenIssuer {
  readonly #secret: string;
  readonly #parties: TokenParties;
  readonly #lifetimeSeconds: number;

  constructor(secret: string, parties: TokenParties, lifetimeSeconds: number) {
    this.#secret = secret;
    this.#parties = parties;
    this.#lifetimeSeconds = lifetimeSeconds;
  }

  async pair({ id, username }: User, refreshToken: string): Promise<TokenPair> {
    const lifetimeSeconds = this.#lifetimeSeconds;
    const { token } = await signToken(this.#secret, { ...this.#parties, subject: id, username, lifetimeSeconds });
    return { accessToken: token, refreshToken, tokenType: 'Bearer', expiresIn: lifetimeSeconds };
  }
}
