import type { App } from '@toskamesh/shared';
import { liveServices } from './live-services.ts';
import type { MetricWindow } from './metric-window.ts';
import type { MinuteStore } from './minute-store.ts';
import type { ServiceOverview } from './overview.ts';
import { parseRange } from './range-parameters.ts';
import { queryRange } from './range-query.ts';
import type { Scraper } from './scraper.ts';

/** More make no picture: a query for one service has fewer. */
const MAX_SERIES_SHOWN = 200;

export interface RouteParts {
  readonly scraper: Scraper;
  readonly window: MetricWindow;
  readonly store: MinuteStore;
}

const querySchema = {
  querystring: {
    type: 'object',
    additionalProperties: false,
    required: ['metric'],
    properties: {
      metric: { type: 'string', pattern: '^[a-zA-Z_:][a-zA-Z0-9_:]*$', maxLength: 200 },
      service: { type: 'string', minLength: 1, maxLength: 200 },
      from: { type: 'string', maxLength: 40 },
      to: { type: 'string', maxLength: 40 },
      step: { type: 'string', maxLength: 10 },
      fn: { type: 'string', maxLength: 10 },
    },
  },
} as const;

export function addMetricRoutes(app: App, { scraper, window, store }: RouteParts): void {
  app.get('/api/metrics/overview', async () => {
    const now = Date.now();
    const live = liveServices(scraper.targets, window, now);
    const entries = live.map(({ service, known, overview }) => ({
      service,
      source: 'live',
      at: new Date(now).toISOString(),
      instances: { known, up: overview.instancesUp, ready: overview.instancesReady },
      ...ratesOf(overview),
    }));
    // What was seen of the others before, perhaps by a process that is gone.
    const isLive = new Set(live.map(({ service }) => service));
    for (const [service, { overview, minute }] of await store.latest()) {
      if (!isLive.has(service)) {
        const instances = { known: 0, up: overview.instancesUp, ready: overview.instancesReady };
        entries.push({ service, source: 'stored', at: minute.toISOString(), instances, ...ratesOf(overview) });
      }
    }
    return { services: entries.sort((a, b) => (a.service < b.service ? -1 : 1)) };
  });

  app.get('/api/metrics/query', { schema: querySchema }, async ({ query }) => {
    const range = parseRange(query, Date.now(), window.windowMs);
    const found = window.select(query.metric, query.service);
    const series = found.slice(0, MAX_SERIES_SHOWN).map(({ service, instance, labels, samples }) => ({
      service,
      instance,
      labels,
      points: queryRange(samples.since(range.fromMs), range),
    }));
    return {
      metric: query.metric,
      fn: range.fn,
      from: new Date(range.fromMs).toISOString(),
      to: new Date(range.toMs).toISOString(),
      stepSeconds: range.stepMs / 1000,
      series,
      seriesLeftOut: found.length - series.length,
    };
  });

  app.get('/api/metrics/services', async () => {
    const metrics = window.metricsByService();
    const services = new Set([...metrics.keys(), ...scraper.targets.map(({ instance }) => instance.service)]);
    return {
      services: [...services].sort().map((service) => ({
        service,
        instances: scraper.targets
          .filter(({ instance }) => instance.service === service)
          .map(({ instance, state, reason, scrapedAt, tookMs }) => ({
            id: instance.id,
            address: `${instance.address}:${instance.port}`,
            state,
            reason,
            scrapedAt: scrapedAt === undefined ? undefined : new Date(scrapedAt).toISOString(),
            tookMs,
          })),
        metrics: metrics.get(service) ?? [],
      })),
    };
  });
}

/** `null` says that nothing tells it. */
function ratesOf(overview: ServiceOverview) {
  const { requestsPerSecond = null, errorShare = null, memoryBytes = null } = overview;
  const { p50Seconds: p50 = null, p95Seconds: p95 = null, p99Seconds: p99 = null } = overview;
  return { requestsPerSecond, errorShare, latencySeconds: { p50, p95, p99 }, memoryBytes };
}
