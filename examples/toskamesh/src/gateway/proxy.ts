import { Agent, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { Instance } from '../shared/consul-client.ts';
import { describeError } from '../shared/errors.ts';
import { sendJson } from '../shared/web-server.ts';

const UPSTREAM_MS = 30_000;
/** They concern one connection, not the message: https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1 */
const HOP_BY_HOP = ['connection', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade'];

const agent = new Agent({ keepAlive: true });

/** Passes one request on, streaming both ways. */
export function proxyTo(instance: Instance, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const { address, port, id } = instance;
  return new Promise((resolve) => {
    const headers = withoutHopByHop(incoming.headers);
    headers['x-forwarded-for'] = [incoming.headers['x-forwarded-for'], incoming.socket.remoteAddress]
      .filter(Boolean)
      .join(', ');
    // A body of unknown length has to be sent in chunks again.
    if (incoming.headers['transfer-encoding'] !== undefined) {
      headers['transfer-encoding'] = 'chunked';
    }
    const path = incoming.url ?? '/';
    const sent = request({ agent, host: address, port, path, method: incoming.method, headers, timeout: UPSTREAM_MS });
    sent.on('timeout', () => sent.destroy(new Error(`no answer within ${UPSTREAM_MS} ms`)));
    sent.on('response', (reply) => {
      response.writeHead(reply.statusCode ?? 502, { ...withoutHopByHop(reply.headers), 'x-served-by': id });
      reply.on('error', () => response.destroy());
      reply.pipe(response);
    });
    sent.on('error', (error) => {
      if (response.headersSent) {
        response.destroy();
      } else {
        sendJson(response, 502, { error: `${id} did not answer`, reason: describeError(error) });
      }
    });
    response.on('close', () => {
      // A client that has gone away needs no answer any more.
      if (!response.writableFinished) {
        sent.destroy();
      }
      resolve();
    });
    incoming.pipe(sent);
  });
}

export function closeProxy(): void {
  agent.destroy();
}

function withoutHopByHop(headers: IncomingMessage['headers']): Record<string, string | string[]> {
  const kept: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && !HOP_BY_HOP.includes(name)) {
      kept[name] = value;
    }
  }
  return kept;
}
