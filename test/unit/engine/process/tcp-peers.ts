import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import type { SocketAddress } from '../../../../src/engine/process/forward.ts';

/**
 * An address that a service on the loopback address does not hold, as that of a bridge is not. Only Linux takes all of
 * 127.0.0.0/8 for its own; elsewhere another port of the same address has to do.
 */
export const OTHER_HOST = process.platform === 'linux' ? '127.0.0.2' : '127.0.0.1';

/** Whoever connects from this machine without choosing an address. */
export const LOCAL = ['127.0.0.1/32'] as const;

/** What listens, with the connections that it got. */
export interface Target extends AsyncDisposable {
  readonly address: SocketAddress;
  readonly sockets: readonly Socket[];
  /** The first connection, once there is one. */
  readonly first: Promise<Socket>;
}

/** Keeps its side open when the client is done with writing. */
export async function openTarget(onConnection: (socket: Socket) => void, host = '127.0.0.1'): Promise<Target> {
  const sockets: Socket[] = [];
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.push(socket);
    // How a connection ends is what many tests are about.
    socket.on('error', () => {});
    onConnection(socket);
  });
  const first = once(server, 'connection').then(([socket]) => socket as Socket);
  server.listen({ host, port: 0 });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    address: { host, port },
    sockets,
    first,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Gives back what it gets, and ends when the client has. */
export const openEcho = (): Promise<Target> => openTarget((socket) => socket.pipe(socket));

/** Says who it is, and nothing more. */
export const openNamed = (name: string): Promise<Target> => openTarget((socket) => socket.write(name));

/** An address that nobody listens on now. */
export async function freeAddress(host = OTHER_HOST): Promise<SocketAddress> {
  await using target = await openTarget(() => {}, host);
  return target.address;
}

/** A connection as a client has it. */
export interface Client extends Disposable {
  readonly socket: Socket;
  /** All that came, once the connection is closed, by whichever side and in whichever way. */
  readonly received: Promise<string>;
  /** Whether it was closed before both sides were done. */
  readonly wasReset: Promise<boolean>;
  /** What came until the other side had written this much. */
  read(bytes: number): Promise<string>;
}

/** @param from an own address to connect from */
export function openClient(to: SocketAddress, from?: string): Client {
  const socket = connect({ ...to, allowHalfOpen: true, ...(from === undefined ? {} : { localAddress: from }) });
  const chunks: Buffer[] = [];
  const text = () => Buffer.concat(chunks).toString('latin1');
  socket.on('data', (chunk) => chunks.push(chunk));
  socket.on('error', () => {});
  const wasReset = new Promise<boolean>((resolve) => socket.once('close', resolve));
  return {
    socket,
    received: wasReset.then(text),
    wasReset,
    async read(bytes) {
      const come = () => new Promise((resolve) => socket.once('data', resolve));
      while (text().length < bytes && !socket.destroyed) await Promise.race([come(), wasReset]);
      return text();
    },
    [Symbol.dispose]: () => socket.destroy(),
  };
}

/** What one connection gets in answer to a text, until the other side closes it. */
export async function askOnce(to: SocketAddress, text: string, from?: string): Promise<string> {
  using client = openClient(to, from);
  client.socket.end(text);
  return await client.received;
}
