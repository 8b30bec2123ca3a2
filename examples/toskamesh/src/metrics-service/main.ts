import { repeat, runBusinessService } from '@toskamesh/shared';
import { liveServices } from './live-services.ts';
import { MetricWindow } from './metric-window.ts';
import { MinuteStore } from './minute-store.ts';
import { addMetricRoutes } from './routes.ts';
import { scrapeCounter } from './scrape-counter.ts';
import { Scraper } from './scraper.ts';

/** The row of a minute is written again until it is over, so that a crash loses no more than this. */
const KEEP_EVERY_MS = 10_000;
const DELETE_EVERY_MS = 60_000;
/** A part of the interval, so that an instance that hangs is asked again every time, and never waited for longer. */
const TIMEOUT_SHARE = 0.8;
const MAX_TIMEOUT_MS = 10_000;

await runBusinessService({
  name: 'metrics-service',
  migrations: new URL('../../migrations/metrics-service', import.meta.url),
  start(app, { settings, log, database, discovery, web }) {
    const intervalMs = 1000 * settings.integer('Metrics__ScrapeIntervalSeconds', { fallback: 5, min: 1, max: 300 });
    const windowMs = 60_000 * settings.integer('Metrics__WindowMinutes', { fallback: 15, min: 1, max: 60 });
    const window = new MetricWindow({ windowMs, intervalMs });
    const store = new MinuteStore(database);
    const scraper = new Scraper({
      list: async () => (discovery === undefined ? [] : (await discovery.call('List', {})).instances),
      window,
      timeoutMs: Math.min(intervalMs * TIMEOUT_SHARE, MAX_TIMEOUT_MS),
      log,
      onScrape: scrapeCounter(web.metrics.registry),
    });
    addMetricRoutes(app, { scraper, window, store });
    web.addFacts(() => ({
      targets: { source: discovery === undefined ? 'none' : 'discovery', known: scraper.targets.length },
      window: {
        kept: 'in memory, by each replica',
        minutes: windowMs / 60_000,
        series: window.size,
        maxSeries: window.maxSeries,
        samplesPerSeries: window.samplesPerSeries,
        samplesLeftOut: window.leftOut,
      },
    }));

    const keepMinute = async (): Promise<void> => {
      const now = Date.now();
      for (const { service, overview } of liveServices(scraper.targets, window, now)) {
        store.note(service, overview, now);
      }
      if (database.dependency.ok) {
        await store.flush();
      }
    };
    const deleteOld = async (): Promise<void> => {
      if (database.dependency.ok) {
        await store.deleteOld();
      }
    };
    const scraping = repeat(() => scraper.round(), { what: 'tell what to scrape', everyMs: intervalMs, log });
    const keeping = repeat(keepMinute, { what: 'keep the minute', everyMs: KEEP_EVERY_MS, log });
    const deleting = repeat(deleteOld, { what: 'delete old minutes', everyMs: DELETE_EVERY_MS, log });
    return {
      async stop() {
        await Promise.all([scraping.stop(), keeping.stop(), deleting.stop()]);
        await keepMinute();
      },
    };
  },
});
