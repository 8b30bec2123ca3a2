import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Instance } from '@toskamesh/shared';

export interface HttpTarget extends AsyncDisposable {
  readonly port: number;
  /** The paths that were asked for, in order. */
  readonly asked: readonly string[];
  /** It as an instance of a service, as the registry has it. */
  instance(id: string, service: string): Instance;
  /** Breaks what is open and listens no more. */
  stop(): Promise<void>;
}

/** A server of the test, on a port that the system chooses or, after a stop, on the same as before. */
export async function startHttpTarget(listener: RequestListener, port = 0): Promise<HttpTarget> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    listener(request, response);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const bound = (server.address() as AddressInfo).port;
  const stop = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return {
    port: bound,
    asked,
    instance: (id, service) => ({
      id,
      service,
      address: '127.0.0.1',
      port: bound,
      scheme: 'http',
      healthPath: '/health/ready',
      passing: true,
      metadata: {},
    }),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
