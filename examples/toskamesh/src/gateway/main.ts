import {
  addressOf,
  Dependency,
  DiscoveryClient,
  describeError,
  Registration,
  runService,
  serviceTokens,
  Tracing,
  tokenCheck,
  WebServer,
} from '@toskamesh/shared';
import { addApi } from './api.ts';
import { discoveryCheck } from './discovery-check.ts';
import { GatewayMetrics } from './gateway-metrics.ts';
import { readGatewaySettings } from './gateway-settings.ts';
import { HttpProxy } from './http-proxy.ts';
import { InstanceTable } from './instance-table.ts';
import { RateLimiter } from './rate-limiter.ts';
import { RetryBudget } from './retry-budget.ts';
import { viewRoutes } from './routes-view.ts';
import { TableFeed } from './table-feed.ts';
import { type OpenPool, Upstream } from './upstream.ts';

const DEFAULT_DISCOVERY = 'http://localhost:50051';

await runService('gateway', async ({ service, settings, log }) => {
  const set = readGatewaySettings(settings);
  if (set.jwtSecret === undefined) {
    log.warn('Jwt__SecretKey is not set: every request with a bearer token is refused');
  }
  if (set.discoveryAddress === undefined) {
    log.warn(`Mesh__ServiceDiscovery__Grpc__Address is not set: trying ${DEFAULT_DISCOVERY}`);
  }

  const discoveryAddress = set.discoveryAddress ?? new URL(DEFAULT_DISCOVERY);
  const discovery = new DiscoveryClient(discoveryAddress);
  const token = serviceTokens(set.serviceAuthSecret, service);
  let openPool: OpenPool = () => {
    throw new Error('a request came before the HTTP client was loaded');
  };
  const table = new InstanceTable(
    (instance) => new Upstream(instance, set.breaker, (origin) => openPool(origin)),
    (upstream) => void upstream.close(),
  );
  const dependency = new Dependency({
    name: 'discovery',
    log,
    probe: discoveryCheck({ discovery, token, table, graceMs: set.discoveryGraceMs }),
  });
  const feed = new TableFeed({ discovery, token, table, log, onLost: () => dependency.poke() });
  const tracing = new Tracing(service, async () => {
    const [first] = table.service('tracing-service')?.passing ?? [];
    return first === undefined ? undefined : addressOf(first.instance);
  });
  const facts = () => ({ table: feed.isLive ? 'live' : table.isLoaded ? 'last' : 'none' });
  const web = new WebServer({
    service,
    log,
    addresses: set.addresses,
    dependencies: [dependency],
    facts,
    tracing,
    trustedProxies: set.trustedProxies,
  });

  // So that health-monitor and metrics-service know of it. Nobody finds the gateway by discovery: it works without.
  const registration = new Registration({
    service,
    host: set.addresses[0].host,
    port: () => web.port,
    advertised: set.advertised,
    // Not the client of the table, whose stream would end when a heartbeat fails.
    client: new DiscoveryClient(discoveryAddress),
    needs: [dependency],
    log,
  });

  const { headersTimeoutMs, maxInFlight } = set;
  const budget = new RetryBudget(set.retry);
  const metrics = new GatewayMetrics(web.metrics.registry, table);
  const proxy = new HttpProxy({ table, budget, metrics, log, headersTimeoutMs, maxInFlight });
  const limiter = set.rateLimit.perSecond === 0 ? undefined : new RateLimiter(set.rateLimit);
  addApi(web.app, {
    check: tokenCheck(set.jwtSecret, set.jwtParties),
    limiter,
    proxy,
    view: () => viewRoutes({ table, feed, budget, proxy, limiter }, Date.now()),
  });
  await web.listen();
  dependency.start();
  registration.dependency.start();
  // Loaded while discovery is waited for: it takes longer than all else of the start.
  openPool = (await import('./open-pool.ts')).openPool;
  feed.start();

  return {
    async stop() {
      web.drain();
      const stopped = Promise.all([dependency.stop(), registration.dependency.stop(), feed.stop()]);
      await registration.remove().catch((error: unknown) => {
        log.warn({ reason: describeError(error) }, 'could not deregister');
      });
      await Promise.all([web.close(), stopped]);
      table.replace([]);
      await tracing.close();
      discovery.reset();
    },
  };
});
