import type { IncomingMessage } from 'node:http';
import { type App, Problem } from '@toskamesh/shared';
import { CREDENTIALS, NEW_CREDENTIALS, REFRESH_TOKEN } from './credentials.ts';
import { type LoginParts, logIn } from './login.ts';
import type { TokenIssuer } from './token-issuer.ts';

export interface AuthParts extends LoginParts {
  readonly issuer: TokenIssuer;
  readonly addressOf: (request: IncomingMessage) => string;
}

const BODY_LIMIT_BYTES = 8 * 1024;
const BEARER = { 'www-authenticate': 'Bearer' };
/** Tokens are not for caches: https://www.rfc-editor.org/rfc/rfc6749#section-5.1 */
const NOT_KEPT = { 'cache-control': 'no-store' };

export function addAuthRoutes(app: App, parts: AuthParts): void {
  const { users, sessions, attempts, hasher, issuer, addressOf } = parts;
  const open = { config: { public: true }, bodyLimit: BODY_LIMIT_BYTES };

  app.post('/api/auth/register', { ...open, schema: { body: NEW_CREDENTIALS } }, async (request, reply) => {
    const { username, password } = request.body;
    // A new account costs as much as a login that is tried.
    await attempts.countAddress(addressOf(request.raw));
    const user = await users.add(username, await hasher.hash(password));
    return reply.code(201).send(user);
  });

  app.post('/api/auth/login', { ...open, schema: { body: CREDENTIALS } }, async (request, reply) => {
    const address = addressOf(request.raw);
    const { user, refreshToken } = await logIn(parts, { ...request.body, address });
    return reply.headers(NOT_KEPT).send(await issuer.pair(user, refreshToken));
  });

  app.post('/api/auth/refresh', { ...open, schema: { body: REFRESH_TOKEN } }, async (request, reply) => {
    const result = await sessions.refresh(request.body.refreshToken);
    if (result.kind === 'rotated') {
      return reply.headers(NOT_KEPT).send(await issuer.pair(result.user, result.refreshToken));
    }
    if (result.kind === 'reuse') {
      request.log.warn(
        { requestId: request.id, traceId: request.trace?.traceId },
        'a refresh token was used again; its session was ended',
      );
    }
    // The same for all reasons: what a thief holds is not for him to learn.
    throw new Problem(401, 'the refresh token is not good any more: log in again', { headers: BEARER });
  });

  app.post('/api/auth/revoke', { ...open, schema: { body: REFRESH_TOKEN } }, async (request, reply) => {
    await sessions.end(request.body.refreshToken);
    return reply.code(204).send();
  });

  app.get('/api/auth/me', async (request) => {
    const user = await users.withId(request.user?.subject ?? '');
    if (user === undefined) {
      throw new Problem(401, 'the bearer token is of no user of this service', { headers: BEARER });
    }
    return user;
  });
}
