import type { FastifyReply } from 'fastify';
import type { WatchStream } from './watchers.ts';

/** Often enough for proxies that close silent connections after half a minute. */
const COMMENT_MS = 15_000;

export interface EventStream extends WatchStream {
  /** Calls `closed` when the connection is gone, at once when it is gone already. */
  onClose(closed: () => void): void;
}

/**
 * Server-sent events, each a whole list: https://html.spec.whatwg.org/multipage/server-sent-events.html. The answer
 * begins with the first list; until then the request can still fail as any other does.
 */
export function openEventStream(reply: FastifyReply): EventStream {
  const { raw } = reply;
  let comments: NodeJS.Timeout | undefined;
  raw.on('close', () => clearInterval(comments));
  const begin = (): void => {
    reply.hijack();
    raw.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-request-id': reply.request.id,
    });
    // A comment that the kernel cannot send ends a connection whose other side has vanished.
    comments = setInterval(() => raw.writableLength === 0 && raw.write(':\n\n'), COMMENT_MS);
  };
  return {
    send(instances, accepted) {
      if (raw.destroyed) {
        return;
      }
      if (!raw.headersSent) {
        begin();
      }
      raw.write(`event: instances\ndata: ${JSON.stringify({ instances })}\n\n`, () => accepted());
    },
    // What a stuck connection has not taken would be kept until it does.
    end: () => void (raw.writableLength === 0 ? raw.end() : raw.destroy()),
    onClose: (closed) => (raw.destroyed ? closed() : raw.on('close', closed)),
  };
}
