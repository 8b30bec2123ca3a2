import type { HttpProxy } from './http-proxy.ts';
import type { InstanceTable } from './instance-table.ts';
import type { RateLimiter } from './rate-limiter.ts';
import type { RetryBudget } from './retry-budget.ts';
import type { TableFeed } from './table-feed.ts';

export interface RoutesViewSources {
  readonly table: InstanceTable;
  readonly feed: TableFeed;
  readonly budget: RetryBudget;
  readonly proxy: HttpProxy;
  readonly limiter: RateLimiter | undefined;
}

/** What the gateway knows, for somebody who wants to see where requests go and why. */
export function viewRoutes({ table, feed, budget, proxy, limiter }: RoutesViewSources, now: number) {
  return {
    table: { source: feed.isLive ? 'discovery' : 'last', loaded: table.isLoaded, lists: feed.lists },
    inFlight: proxy.inFlight,
    retriesOfLastTenSeconds: budget.spent(now),
    rateLimit: limiter === undefined ? 'off' : { ...limiter.limit, clients: limiter.clients },
    services: table.services.map(({ name, upstreams }) => ({
      name,
      instances: upstreams.map(({ instance, breaker, requests, failures, inFlight }) => ({
        id: instance.id,
        address: `${instance.address}:${instance.port}`,
        passing: instance.passing,
        breaker: breaker.state(now),
        requests,
        failures,
        inFlight,
      })),
    })),
  };
}
