import { signToken, type TokenParties } from './tokens.ts';

/** The parties of the tokens with which services identify themselves to each other. */
export const SERVICE_AUTH: TokenParties = { issuer: 'ToskaMesh.Services', audience: 'ToskaMesh.Services' };

const TOKEN_SECONDS = 300;
const RENEW_BEFORE_SECONDS = 60;

/** Tokens that say which service calls; each is used until shortly before it expires. */
export function serviceTokens(secret: string, service: string): () => Promise<string> {
  let current = { token: '', renewAt: 0 };
  return async () => {
    const now = Date.now() / 1000;
    if (now >= current.renewAt) {
      const options = { ...SERVICE_AUTH, subject: service, lifetimeSeconds: TOKEN_SECONDS };
      const { token, claims } = await signToken(secret, options);
      current = { token, renewAt: claims.expiresAt - RENEW_BEFORE_SECONDS };
    }
    return current.token;
  };
}
