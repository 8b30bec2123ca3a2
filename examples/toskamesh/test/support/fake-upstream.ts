import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Instance } from '@toskamesh/shared';

export interface FakeUpstream extends AsyncDisposable {
  /** As discovery tells of it. */
  readonly instance: Instance;
  /** All requests that reached it, in order. */
  readonly requests: readonly IncomingMessage[];
  /** Breaks all connections and refuses new ones. */
  kill(): Promise<void>;
  /** On the same port again. */
  start(): Promise<void>;
}

/** An instance of a service on a port of its own; without a listener of the test's it answers its id. */
export async function startUpstream(service: string, id: string, listener?: RequestListener): Promise<FakeUpstream> {
  const requests: IncomingMessage[] = [];
  const answerId: RequestListener = (_request, response) => void response.end(id);
  const server = createServer((request, response) => {
    requests.push(request);
    (listener ?? answerId)(request, response);
  });
  let port = 0;
  const start = (): Promise<void> =>
    new Promise((resolve) => {
      server.listen(port, '127.0.0.1', () => {
        port = (server.address() as AddressInfo).port;
        resolve();
      });
    });
  const kill = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  await start();
  return {
    instance: {
      id,
      service,
      address: '127.0.0.1',
      port,
      scheme: 'http',
      healthPath: '/health/ready',
      passing: true,
      metadata: {},
    },
    requests,
    kill,
    start,
    [Symbol.asyncDispose]: kill,
  };
}
