import type { IncomingMessage, ServerResponse } from 'node:http';
import type { App } from '@toskamesh/shared';
import type { ConfigStore } from './config-store.ts';
import type { ConfigDocument, ConfigKey } from './document.ts';
import { KEY } from './key-schema.ts';
import { entityTag } from './precondition.ts';
import { MAX_VERSION, queryNumber } from './query-number.ts';
import type { Watchers } from './watchers.ts';

/** Comments that keep proxies from taking a stream on which nothing happens for dead. */
const HEARTBEAT_MS = 15_000;
/** How long a client waits before it connects again. */
const RETRY_MS = 1000;
/** Unsent bytes at which a client that does not read is given up; it may come back and go on where it was. */
const MAX_UNSENT_BYTES = 1024 * 1024;

const WATCH_QUERY = {
  type: 'object',
  additionalProperties: false,
  properties: { after: { type: 'string' }, timeout: { type: 'string' } },
} as const;

export function addWatchRoutes(app: App, store: ConfigStore, watchers: Watchers): void {
  const schema = { params: KEY, querystring: WATCH_QUERY } as const;
  app.get('/api/config/:service/:environment/watch', { schema, exposeHeadRoute: false }, async (request, reply) => {
    const { params: key, query, headers } = request;
    const timeout = queryNumber('timeout', query.timeout, { fallback: 25, min: 1, max: 60 });
    const after = queryNumber('after', query.after, { fallback: 0, min: 0, max: MAX_VERSION });
    const isStream = /\btext\/event-stream\b/i.test(headers.accept ?? '');
    const lastId = isStream ? headerText(headers['last-event-id']) : undefined;
    const from = queryNumber('last-event-id', lastId, { fallback: after, min: 0, max: MAX_VERSION });

    const watcher = watchers.admit();
    const leave = (): void => watcher.abort();
    reply.raw.once('close', leave);
    if (reply.raw.destroyed) {
      // It left while its token was checked.
      leave();
    }
    try {
      if (isStream) {
        // Read before the stream begins, so that an outage is still answered with its status.
        await store.newest(key);
        reply.hijack();
        await stream(
          { request: request.raw, response: reply.raw, requestId: request.id },
          watchers,
          watcher,
          key,
          from,
        );
        return reply;
      }
      const timer = setTimeout(leave, timeout * 1000);
      const news = await watchers.next(key, from, watcher.signal).finally(() => clearTimeout(timer));
      // Asked once more, since the feed may have been broken all the while.
      const document = news ?? (await store.newest(key));
      if (document === undefined || document.version === from) {
        return reply.code(204).send();
      }
      return reply.header('etag', entityTag(document.version)).send(document);
    } finally {
      leave();
    }
  });
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly requestId: string;
}

/** Sends each newest version as an event, until the client leaves or the service stops. */
async function stream(
  { request, response, requestId }: Exchange,
  watchers: Watchers,
  watcher: AbortController,
  key: ConfigKey,
  from: number,
): Promise<void> {
  const { createSession } = await import('better-sse');
  const headers = { 'x-request-id': requestId };
  const session = await createSession(request, response, { keepAlive: HEARTBEAT_MS, retry: RETRY_MS, headers });
  try {
    let after = from;
    let document: ConfigDocument | undefined;
    do {
      // Whoever watches already need not know of an outage that they are told everything after.
      document = await watchers.next(key, after, watcher.signal, 'wait');
      if (document !== undefined && session.isConnected) {
        session.push(document, 'config', String(document.version));
        after = document.version;
      }
    } while (document !== undefined && session.isConnected && response.writableLength < MAX_UNSENT_BYTES);
  } finally {
    if (response.writableLength < MAX_UNSENT_BYTES) {
      // A heartbeat may come after the end.
      response.on('error', () => undefined);
      // The connection is of no more use: kept alive it would hold up a stop.
      response.end(() => request.socket.destroySoon());
    } else {
      request.socket.destroy();
    }
  }
}

function headerText(value: string | string[] | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
