import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Connections over which nothing has come yet, as pools and browsers open them ahead. Node takes them for busy ones, so
 * its `closeIdleConnections` leaves them open, and each would hold up a stop.
 */
export class UnusedConnections {
  readonly #sockets = new Set<Socket>();

  watch(server: Server): void {
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    server.on('request', ({ socket }) => this.#sockets.delete(socket));
  }

  close(): void {
    for (const socket of this.#sockets) {
      // What has begun to send a request is answered like any other.
      if (socket.bytesRead === 0) {
        socket.destroy();
      }
    }
  }
}
