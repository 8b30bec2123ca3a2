import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { type App, Problem } from '@toskamesh/shared';

import { decodeSpans } from './otlp.ts';
import type { SpanStore } from './span-store.ts';

/** Decompressed. Exporters send 512 spans at a time, or some thousand after an outage. */
const BODY_LIMIT_BYTES = 8 * 1024 * 1024;
/** More would make an answer nobody reads. */
const MAX_REASONS = 5;

/** Only the frame: what is wrong with one span is told in the answer, and the others are kept. */
const schema = {
  body: {
    type: 'object',
    properties: {
      resourceSpans: {
        type: 'array',
        items: {
          type: 'object',
          properties: {
            resource: { type: 'object' },
            scopeSpans: {
              type: 'array',
              items: { type: 'object', properties: { spans: { type: 'array' } } },
            },
          },
        },
      },
    },
  },
} as const;

/** Where exporters send spans to: https://opentelemetry.io/docs/specs/otlp/#otlphttp-request */
export function addOtlpRoutes(app: App, store: SpanStore): void {
  app.post(
    '/v1/traces',
    {
      // Exporters have no token, and a span about each batch of spans would never end.
      config: { public: true, quiet: true },
      bodyLimit: BODY_LIMIT_BYTES,
      schema,
      onRequest: async ({ headers }) => requireJson(headers),
      preParsing: async ({ headers }, _reply, payload) => decompressed(headers, payload),
    },
    async ({ body }) => {
      const { spans, rejected } = decodeSpans(body);
      await store.add(spans);
      if (rejected.length === 0) {
        return {};
      }
      const errorMessage = [...new Set(rejected)].slice(0, MAX_REASONS).join('; ');
      // A 64-bit integer, hence text.
      return { partialSuccess: { rejectedSpans: String(rejected.length), errorMessage } };
    },
  );
}

function requireJson(headers: IncomingHttpHeaders): void {
  if (!/^application\/json\s*(;|$)/i.test(headers['content-type'] ?? '')) {
    throw new Problem(415, 'spans are taken as OTLP in JSON: content-type application/json');
  }
  if (!['gzip', 'identity', undefined].includes(headers['content-encoding'])) {
    throw new Problem(415, 'bodies are taken as they are or with content-encoding gzip');
  }
}

/** Fastify holds what comes out to the body limit, and what went in to the request's content-length. */
function decompressed(headers: IncomingHttpHeaders, payload: Readable): Readable {
  if (headers['content-encoding'] !== 'gzip') {
    return payload;
  }
  const gunzip = Object.assign(createGunzip(), { receivedEncodedLength: 0 });
  payload.on('data', (chunk: Buffer) => {
    gunzip.receivedEncodedLength += chunk.length;
  });
  payload.on('error', (error) => gunzip.destroy(error));
  return payload.pipe(gunzip);
}
