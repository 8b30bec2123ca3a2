import type { App } from './app.ts';
import { Problem } from './problem.ts';
import { bearerToken, type TokenParties, verifyToken } from './tokens.ts';

/** Every route needs a user's token but those that say `public`; a token that is given must be good there, too. */
export function requireToken(app: App, secret: string, parties: TokenParties): void {
  const headers = { 'www-authenticate': 'Bearer' };
  app.addHook('onRequest', async (request) => {
    const token = bearerToken(request.headers.authorization);
    const { config, url } = request.routeOptions;
    if (token === undefined) {
      // A path that is not served says so to everybody.
      if (config.public !== true && url !== undefined) {
        throw new Problem(401, 'a bearer token is needed: log in at /api/auth/login', { headers });
      }
      return;
    }
    const verdict = await verifyToken(secret, token, parties);
    if (!verdict.ok) {
      throw new Problem(401, `the bearer token is refused: ${verdict.why}`, { headers });
    }
    request.user = verdict.claims;
  });
}
