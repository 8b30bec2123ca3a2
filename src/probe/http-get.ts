import { type IncomingMessage, request } from 'node:http';
import type { Socket } from 'node:net';
import { type Address, LONGEST_ANSWER_BYTES, type ProbeLimits, Unanswered, withConnection } from './connection.ts';

export interface HttpReply {
  readonly status: number;
  /** At most {@link LONGEST_ANSWER_BYTES}; empty when it was not wanted. */
  readonly body: string;
}

/** What has come so far; kept outside the connection, so that a body that breaks off still tells its status. */
interface Arrived {
  status?: number;
  readonly chunks: Buffer[];
}

/**
 * One GET on a connection of its own: no agent, no redirects followed, no TLS. A body that breaks off, or does not
 * end in time, is given as far as it came.
 *
 * @param wantsBody whether to read the body of an answer with that status; otherwise the reply is complete without it
 * @throws Unanswered; the signal's reason when it is aborted
 */
export async function httpGet(
  target: Address & { readonly path: string },
  limits: ProbeLimits,
  wantsBody: (status: number) => boolean,
): Promise<HttpReply> {
  const arrived: Arrived = { chunks: [] };
  try {
    await withConnection(target, limits, (socket) => exchange(socket, target, arrived, wantsBody));
  } catch (error) {
    if (!(error instanceof Unanswered) || arrived.status === undefined) throw error;
  }
  return { status: arrived.status ?? 0, body: Buffer.concat(arrived.chunks).toString('utf8', 0, LONGEST_ANSWER_BYTES) };
}

async function exchange(
  socket: Socket,
  target: Address & { readonly path: string },
  arrived: Arrived,
  wantsBody: (status: number) => boolean,
): Promise<void> {
  const response = await sendGet(socket, target);
  arrived.status = response.statusCode ?? 0;
  if (!wantsBody(arrived.status)) return;
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    arrived.chunks.push(chunk);
    size += chunk.length;
    if (size >= LONGEST_ANSWER_BYTES) return;
  }
}

function sendGet(socket: Socket, { host, port, path }: Address & { readonly path: string }): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = { connection: 'close', 'user-agent': 'mesh-probe' };
    // With createConnection there is no agent: nothing is pooled or kept alive.
    const get = request({ host, port, path, headers, createConnection: () => socket }, resolve);
    get.on('error', (error: NodeJS.ErrnoException) => {
      // What befalls the connection its owner tells, and better: here every clean close is a "socket hang up".
      if (error.code?.startsWith('HPE_')) reject(new Error('not an HTTP answer'));
    });
    get.end();
  });
}
