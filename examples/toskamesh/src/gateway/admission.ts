import { type App, Problem, type TokenCheck } from '@toskamesh/shared';
import type { FastifyReply } from 'fastify';
import type { Allowance, RateLimit, RateLimiter } from './rate-limiter.ts';

/**
 * Who may call what follows under /api, and how often: users are counted by their token's subject, so that an office
 * behind one address is not one client; those without a good token by their address, so that guessing is counted too.
 */
export function addAdmission(api: App, check: TokenCheck, limiter: RateLimiter | undefined): void {
  const count = (client: string, reply: FastifyReply): void => {
    if (limiter === undefined) {
      return;
    }
    const allowance = limiter.take(client, Date.now());
    reply.headers(limitHeaders(limiter.limit, allowance));
    if (!allowance.allowed) {
      const seconds = Math.max(1, Math.ceil(allowance.retryAfterSeconds));
      throw new Problem(429, `more than ${limiter.limit.perSecond} requests a second; try again in ${seconds} s`, {
        headers: { 'retry-after': String(seconds) },
      });
    }
  };
  api.addHook('onRequest', async (request, reply) => {
    try {
      request.user = await check(request);
    } catch (refusal) {
      count(`address ${request.ip}`, reply);
      throw refusal;
    }
    count(request.user === undefined ? `address ${request.ip}` : `user ${request.user.subject}`, reply);
  });
}

/** https://datatracker.ietf.org/doc/html/draft-ietf-httpapi-ratelimit-headers-06 */
function limitHeaders({ burst }: RateLimit, { remaining, retryAfterSeconds }: Allowance): Record<string, string> {
  return {
    'ratelimit-limit': String(burst),
    'ratelimit-remaining': String(remaining),
    'ratelimit-reset': String(Math.ceil(retryAfterSeconds)),
  };
}
