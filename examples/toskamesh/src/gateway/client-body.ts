import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import { Problem } from '@toskamesh/shared';

/** A body up to this size is kept, so that it can be sent a second time. */
const KEPT_BYTES = 64 * 1024;

/** What a caller sends after the headers. */
export type ClientBody =
  | { readonly kind: 'none'; readonly content: null }
  | { readonly kind: 'kept'; readonly content: Buffer }
  | { readonly kind: 'streamed'; readonly content: PassThrough };

/**
 * @param limitMs - for a body that is to be kept: whoever sends it a byte a minute holds a place here meanwhile
 * @returns undefined when the caller went away
 * @throws Problem 408
 */
export async function readBody(incoming: IncomingMessage, limitMs: number): Promise<ClientBody | undefined> {
  const { 'transfer-encoding': encoding, 'content-length': length = '0' } = incoming.headers;
  if (encoding === undefined && length === '0') {
    return { kind: 'none', content: null };
  }
  if (encoding !== undefined || Number(length) > KEPT_BYTES) {
    return { kind: 'streamed', content: streamOf(incoming) };
  }
  if (incoming.destroyed) {
    return undefined;
  }
  const chunks: Buffer[] = [];
  incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      const headers = { connection: 'close' };
      reject(new Problem(408, `the body did not come within ${limitMs / 1000} s`, { headers }));
    }, limitMs);
    incoming.once('end', () => {
      clearTimeout(timer);
      resolve({ kind: 'kept', content: Buffer.concat(chunks) });
    });
    incoming.once('close', () => {
      clearTimeout(timer);
      resolve(undefined);
    });
  });
}

/**
 * A stream of its own: whoever sends it on destroys it when the sending fails, and the caller's request must live on
 * then, for on its connection the failure has to be told.
 */
function streamOf(incoming: IncomingMessage): PassThrough {
  const stream = new PassThrough();
  incoming.once('error', (error) => stream.destroy(error));
  stream.on('error', () => undefined);
  incoming.pipe(stream);
  // What nobody wants any more is read and dropped: a caller reads the answer, and sends its next request on this
  // connection, only once it is rid of the body. Listened for after `pipe`, which pauses the request when this closes.
  stream.once('close', () => incoming.resume());
  return stream;
}

/** Of a request that has its answer: what has not come yet is not for anybody. */
export function dropRest(body: ClientBody): void {
  if (body.kind === 'streamed') {
    body.content.destroy();
  }
}
