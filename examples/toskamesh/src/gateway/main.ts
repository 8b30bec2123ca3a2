import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Instance } from '../shared/consul-client.ts';
import { Dependency } from '../shared/dependency.ts';
import { DiscoveryClient } from '../shared/discovery-client.ts';
import { describeError } from '../shared/errors.ts';
import { bearerToken, signToken, verifyToken } from '../shared/jwt.ts';
import { webAddresses } from '../shared/listen-url.ts';
import { runService } from '../shared/service.ts';
import { SERVICE_AUTH } from '../shared/service-auth.ts';
import { sendJson, WebServer } from '../shared/web-server.ts';
import { closeProxy, proxyTo } from './proxy.ts';

const DEFAULT_DISCOVERY = 'http://localhost:50051';
const TOKEN_SECONDS = 300;
const RENEW_BEFORE_SECONDS = 60;

/** The first part of a path under /api, and the service that answers it. */
const SERVICE_OF: ReadonlyMap<string, string> = new Map([
  ['config', 'config-service'],
  ['auth', 'auth-service'],
  ['metrics', 'metrics-service'],
  ['traces', 'tracing-service'],
]);

await runService('gateway', async ({ service, settings, log }) => {
  const serviceAuthSecret = settings.secret('Mesh__ServiceAuth__Secret');
  const jwtSecret = settings.optionalSecret('Jwt__SecretKey');
  const jwtParties = {
    issuer: settings.optional('Jwt__Issuer') ?? 'ToskaMesh',
    audience: settings.optional('Jwt__Audience') ?? 'ToskaMesh',
  };
  const discoveryAddress = settings.address('Mesh__ServiceDiscovery__Grpc__Address');
  const addresses = webAddresses(settings);
  if (jwtSecret === undefined) {
    log.warn('Jwt__SecretKey is not set: every request with a bearer token is refused');
  }
  if (discoveryAddress === undefined) {
    log.warn(`Mesh__ServiceDiscovery__Grpc__Address is not set: trying ${DEFAULT_DISCOVERY}`);
  }

  const discovery = new DiscoveryClient(discoveryAddress ?? new URL(DEFAULT_DISCOVERY));
  const serviceToken = serviceTokens(serviceAuthSecret);
  let turn = 0;

  const resolve = async (name: string): Promise<Instance | undefined> => {
    const { instances } = await discovery.call('Resolve', { service: name }, serviceToken());
    turn += 1;
    return instances[turn % instances.length];
  };

  const refusal = (request: IncomingMessage): string | undefined => {
    const token = bearerToken(request.headers.authorization);
    if (token === undefined) {
      return undefined;
    }
    if (jwtSecret === undefined) {
      return 'this gateway has no key to check it with';
    }
    const verdict = verifyToken(jwtSecret, token, jwtParties);
    return verdict.ok ? undefined : verdict.why;
  };

  const forward = async (request: IncomingMessage, response: ServerResponse, url: URL): Promise<boolean> => {
    const name = SERVICE_OF.get(/^\/api\/([^/]+)(?:\/|$)/.exec(url.pathname)?.[1] ?? '');
    if (name === undefined) {
      return false;
    }
    const refused = refusal(request);
    if (refused !== undefined) {
      sendJson(response, 401, { error: `the bearer token is refused: ${refused}` });
      return true;
    }
    try {
      const instance = await resolve(name);
      if (instance === undefined) {
        sendJson(response, 502, { error: `no instance of ${name} is registered` });
      } else {
        await proxyTo(instance, request, response);
      }
    } catch (error) {
      dependency.poke();
      sendJson(response, 502, { error: `discovery did not resolve ${name}`, reason: describeError(error) });
    }
    return true;
  };

  const dependency = new Dependency({
    name: 'discovery',
    log,
    probe: async () => {
      try {
        await discovery.requireServing();
        // Also shows a service secret that is not discovery's, with which nothing could ever be resolved.
        await discovery.call('Resolve', { service: 'gateway' }, serviceToken());
      } catch (error) {
        discovery.reset();
        throw error;
      }
    },
  });
  const web = new WebServer({ service, log, addresses, dependencies: [dependency], fallback: forward });
  await web.listen();
  dependency.start();

  return {
    async stop() {
      web.drain();
      await Promise.all([web.close(), dependency.stop()]);
      discovery.reset();
      closeProxy();
    },
  };
});

/** Tokens that say to discovery that a service calls; each is used until shortly before it expires. */
function serviceTokens(secret: string): () => string {
  let current = { token: '', renewAt: 0 };
  return () => {
    const now = Date.now() / 1000;
    if (now >= current.renewAt) {
      const options = { ...SERVICE_AUTH, subject: 'gateway', lifetimeSeconds: TOKEN_SECONDS };
      const { token, claims } = signToken(secret, options);
      current = { token, renewAt: claims.exp - RENEW_BEFORE_SECONDS };
    }
    return current.token;
  };
}
