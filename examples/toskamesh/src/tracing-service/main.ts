import { runBusinessService } from '@toskamesh/shared';
import { addOtlpRoutes } from './otlp-routes.ts';
import { startRetention } from './retention.ts';
import { SpanStore } from './span-store.ts';
import { addTraceRoutes } from './trace-routes.ts';

await runBusinessService({
  name: 'tracing-service',
  migrations: new URL('../../migrations/tracing-service', import.meta.url),
  start(app, { database, settings, log }) {
    const hours = settings.integer('Tracing__RetentionHours', { fallback: 24, min: 1, max: 8760 });
    const store = new SpanStore(database);
    addOtlpRoutes(app, store);
    addTraceRoutes(app, store);
    return startRetention({ database, hours, log });
  },
});
