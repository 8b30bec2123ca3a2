import type { App, TokenCheck } from '@toskamesh/shared';
import { addAdmission } from './admission.ts';
import type { HttpProxy } from './http-proxy.ts';
import type { RateLimiter } from './rate-limiter.ts';

export interface ApiOptions {
  readonly check: TokenCheck;
  readonly limiter: RateLimiter | undefined;
  readonly proxy: HttpProxy;
  readonly view: () => object;
}

/** Who has no token yet, or wants another one, calls these. */
const PUBLIC = ['register', 'login', 'refresh', 'revoke'] as const;

/** All that is served under /api. */
export function addApi(app: App, { check, limiter, proxy, view }: ApiOptions): void {
  app.register(async (api: App) => {
    addAdmission(api, check, limiter);
    // A body is passed on as it comes, whatever it is.
    api.removeAllContentTypeParsers();
    api.addContentTypeParser('*', (_request, _payload, done) => done(null));
    api.get('/api/gateway/routes', async () => view());
    for (const name of PUBLIC) {
      api.post(`/api/auth/${name}`, { config: { public: true } }, (request, reply) => proxy.handle(request, reply));
    }
    api.all('/api/*', (request, reply) => proxy.handle(request, reply));
  });
}
