import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';

/** A body up to this size is kept, so that it can be sent a second time. */
const KEPT_BYTES = 64 * 1024;

/** What a caller sends after the headers. */
export type ClientBody =
  | { readonly kind: 'none'; readonly content: null }
  | { readonly kind: 'kept'; readonly content: Buffer }
  | { readonly kind: 'streamed'; readonly content: PassThrough };

/** @throws when the caller goes away before a body that is to be kept is there */
export async function readBody(incoming: IncomingMessage): Promise<ClientBody> {
  const { 'transfer-encoding': encoding, 'content-length': length = '0' } = incoming.headers;
  if (encoding === undefined && length === '0') {
    return { kind: 'none', content: null };
  }
  if (encoding === undefined && Number(length) <= KEPT_BYTES) {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) {
      chunks.push(chunk);
    }
    return { kind: 'kept', content: Buffer.concat(chunks) };
  }
  return { kind: 'streamed', content: streamOf(incoming) };
}

/**
 * A stream of its own: whoever sends it on destroys it when the sending fails, and the caller's request must live on
 * then, for on its connection the failure has to be told.
 */
function streamOf(incoming: IncomingMessage): PassThrough {
  const stream = new PassThrough();
  incoming.once('error', (error) => stream.destroy(error));
  stream.on('error', () => undefined);
  // What nobody wants any more is read and dropped, so that the caller gets to reading the answer.
  stream.once('close', () => incoming.resume());
  return incoming.pipe(stream);
}
