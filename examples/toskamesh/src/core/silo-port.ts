import { createServer, type Server, type Socket } from 'node:net';
import { describeError, FatalSetting, type Logger } from '@toskamesh/shared';
import { renderHeartbeat } from './heartbeat.ts';
import { readHeartbeats } from './silo-connection.ts';

const MAX_CONNECTIONS = 256;

export interface SiloPortOptions {
  readonly port: number;
  /** This silo's id; undefined until it has joined. */
  readonly self: () => string | undefined;
  readonly log: Logger;
}

/** Where the other silos connect: each of their heartbeats is answered with one. No Orleans is spoken. */
export class SiloPort {
  readonly #options: SiloPortOptions;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  constructor(options: SiloPortOptions) {
    this.#options = options;
    this.#server = createServer((socket) => this.#accept(socket));
    this.#server.maxConnections = MAX_CONNECTIONS;
  }

  /** @throws FatalSetting */
  listen(): Promise<void> {
    const { port, log } = this.#options;
    return new Promise((resolve, reject) => {
      this.#server.once('error', (error) => {
        reject(new FatalSetting(`Orleans__SiloPort: cannot listen on ${port}: ${describeError(error)}`));
      });
      this.#server.listen({ port }, () => {
        log.info({ siloPort: port }, 'silo is open');
        resolve();
      });
    });
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) {
      socket.destroy();
    }
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    readHeartbeats(socket, () => {
      const self = this.#options.self();
      // One that does not read its answers gets no more of them.
      if (self !== undefined && socket.writableLength === 0) {
        socket.write(renderHeartbeat(self, new Date()));
      }
    });
  }
}
