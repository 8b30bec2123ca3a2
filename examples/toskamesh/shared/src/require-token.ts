import type { FastifyRequest } from 'fastify';
import type { App } from './app.ts';
import { Problem } from './problem.ts';
import { TokenVerifier } from './token-verifier.ts';
import { bearerToken, type TokenClaims, type TokenParties } from './tokens.ts';

const REFUSED = { headers: { 'www-authenticate': 'Bearer' } };

/** Tells whose token a request carries, or throws the problem that answers a request without a good one. */
export type TokenCheck = (request: FastifyRequest) => Promise<TokenClaims | undefined>;

/** @param secret - undefined where none is set: then no token is good */
export function tokenCheck(secret: string | undefined, parties: TokenParties): TokenCheck {
  const verifier = secret === undefined ? undefined : new TokenVerifier(secret, parties);
  return async (request) => {
    const token = bearerToken(request.headers.authorization);
    const { config, url } = request.routeOptions;
    if (token === undefined) {
      // A path that is not served says so to everybody.
      if (config.public !== true && url !== undefined) {
        throw new Problem(401, 'a bearer token is needed: log in at /api/auth/login', REFUSED);
      }
      return undefined;
    }
    if (verifier === undefined) {
      throw new Problem(401, 'the bearer token is refused: there is no key here to check it with', REFUSED);
    }
    const verdict = await verifier.verify(token);
    if (!verdict.ok) {
      throw new Problem(401, `the bearer token is refused: ${verdict.why}`, REFUSED);
    }
    return verdict.claims;
  };
}

/** Every route needs a user's token but those that say `public`; a token that is given must be good there, too. */
export function requireToken(app: App, secret: string, parties: TokenParties): void {
  const check = tokenCheck(secret, parties);
  app.addHook('onRequest', async (request) => {
    request.user = await check(request);
  });
}
