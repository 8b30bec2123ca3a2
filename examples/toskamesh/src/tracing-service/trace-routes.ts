import { type App, Problem } from '@toskamesh/shared';
import { MAX_SPANS_SHOWN, type SpanStore } from './span-store.ts';
import { buildTrace } from './trace-tree.ts';
import { renderWaterfall } from './waterfall.ts';

const DEFAULT_LIMIT = 50;
/** The last millisecond, in the year 2262, whose nanoseconds fit PostgreSQL's bigint. */
const LAST_MS = 9_223_372_036_854;

const searchSchema = {
  querystring: {
    type: 'object',
    additionalProperties: false,
    properties: {
      service: { type: 'string', minLength: 1, maxLength: 500 },
      name: { type: 'string', minLength: 1, maxLength: 500 },
      minDurationMs: { type: 'string', pattern: '^\\d{1,9}(\\.\\d{1,6})?$' },
      errors: { type: 'string', enum: ['true', 'false'] },
      since: { type: 'string', format: 'date-time' },
      // 1 to 200
      limit: { type: 'string', pattern: '^([1-9]|[1-9]\\d|1\\d\\d|200)$' },
    },
  },
} as const;

const traceSchema = {
  params: {
    type: 'object',
    required: ['traceId'],
    properties: { traceId: { type: 'string', pattern: '^[0-9a-fA-F]{32}$' } },
  },
  querystring: {
    type: 'object',
    additionalProperties: false,
    properties: { view: { type: 'string', enum: ['json', 'text'] } },
  },
} as const;

/** Where people look at traces. */
export function addTraceRoutes(app: App, store: SpanStore): void {
  app.get('/api/traces', { schema: searchSchema }, async ({ query }) => {
    const { service, name, minDurationMs = '0', errors, since, limit } = query;
    const traces = await store.search({
      service,
      name,
      minDurationMs: Number(minDurationMs),
      onlyErrors: errors === 'true',
      sinceMs: since === undefined ? 0 : instantOf(since),
      limit: limit === undefined ? DEFAULT_LIMIT : Number(limit),
    });
    return { traces };
  });

  app.get('/api/traces/:traceId', { schema: traceSchema }, async ({ params, query }, reply) => {
    const spans = await store.spansOf(params.traceId.toLowerCase());
    const trace = buildTrace(spans);
    if (trace === undefined) {
      throw new Problem(404, 'no span of this trace is kept: it has not come yet, or it is too old');
    }
    if (query.view === 'text') {
      return reply.type('text/plain; charset=utf-8').send(renderWaterfall(trace));
    }
    return { ...trace, isPart: spans.length === MAX_SPANS_SHOWN };
  });
}

function instantOf(text: string): number {
  const ms = Date.parse(text);
  // JSON schema knows leap seconds, Date does not.
  if (Number.isNaN(ms)) {
    throw new Problem(400, 'since is no time, such as 2026-01-31T12:00:00Z');
  }
  return Math.min(Math.max(ms, 0), LAST_MS);
}
