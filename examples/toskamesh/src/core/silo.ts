import { createServer, type Server, type Socket } from 'node:net';
import { describeError } from '../shared/errors.ts';
import type { Logger } from '../shared/log.ts';
import { FatalSetting } from '../shared/settings.ts';

export interface Silo {
  readonly clusterId: string;
  readonly serviceId: string;
  readonly siloPort: number;
  readonly gatewayPort: number;
}

/** The silo's two ports. Whoever connects is accepted; no Orleans is spoken. */
export class SiloListeners {
  readonly #silo: Silo;
  readonly #log: Logger;
  readonly #sockets = new Set<Socket>();
  #servers: readonly Server[] = [];
  #opened: Promise<void> | undefined;
  #closed = false;

  constructor(silo: Silo, log: Logger) {
    this.#silo = silo;
    this.#log = log;
  }

  open(): Promise<void> {
    this.#opened ??= this.#closed ? Promise.resolve() : this.#open();
    return this.#opened;
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const socket of this.#sockets) {
      socket.destroy();
    }
    await Promise.all(this.#servers.map((server) => new Promise((resolve) => server.close(resolve))));
  }

  async #open(): Promise<void> {
    const { siloPort, gatewayPort } = this.#silo;
    const ports = [
      ['Orleans__SiloPort', siloPort],
      ['Orleans__GatewayPort', gatewayPort],
    ] as const;
    this.#servers = ports.map(() => createServer((socket) => this.#accept(socket)));
    try {
      await Promise.all(this.#servers.map((server, index) => listen(server, ports[index] ?? ports[0])));
    } catch (error) {
      // Trying again would not help, and a silo without its ports is of no use.
      this.#log.error(error instanceof Error ? error.message : 'cannot listen');
      process.exit(3);
    }
    this.#log.info('silo is open', { siloPort, gatewayPort, clusterId: this.#silo.clusterId });
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    // Read and drop, so that the other side's end is noticed.
    socket.resume();
  }
}

function listen(server: Server, [variable, port]: readonly [string, number]): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      reject(new FatalSetting(`${variable}: cannot listen on ${port}: ${describeError(error)}`));
    });
    server.listen({ port }, resolve);
  });
}
