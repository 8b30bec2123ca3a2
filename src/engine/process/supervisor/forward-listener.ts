import { once } from 'node:events';
import { type BlockList, connect, createServer, type Socket } from 'node:net';
import type { Forward, SocketAddress } from '../forward.ts';

/** A forward whose peers can be looked up. */
export interface Route {
  readonly forward: Forward;
  readonly peers: BlockList;
}

/** One address that is listened on, with its connections. */
export interface ForwardListener {
  readonly forward: () => Forward;
  /** Takes another target or other peers from now on. Connections that it would not make any more end. */
  change(route: Route): void;
  /** Frees the address and ends all connections, both before it returns. */
  close(): void;
}

/** A client and what it was connected to. */
interface Pair {
  readonly client: Socket;
  readonly target: Socket;
  readonly peer: string;
  readonly to: SocketAddress;
}

/** One side may be done with writing and still read; and small messages are not held back to be sent together. */
const SOCKET = { allowHalfOpen: true, noDelay: true } as const;
/** A peer whose network is taken away says nothing any more; without this its connection would stay for ever. */
const KEEP_ALIVE = { keepAlive: true, keepAliveInitialDelay: 60_000 } as const;

/** Rejects with the system's words, which carry the address, when it cannot be listened on. */
export async function openForward(initial: Route): Promise<ForwardListener> {
  let route = initial;
  const pairs = new Set<Pair>();
  const server = createServer({ ...SOCKET, ...KEEP_ALIVE }, (client) => {
    // What went wrong shows in how it closes.
    client.on('error', () => {});
    // One that is gone already has no address.
    const peer = client.remoteAddress ?? '';
    if (!admits(route, peer)) return abort(client);
    const { to } = route.forward;
    const target = connect({ ...SOCKET, ...KEEP_ALIVE, ...to });
    target.on('error', () => {});
    const pair = { client, target, peer, to };
    pairs.add(pair);
    join(pair, () => pairs.delete(pair));
  });
  const { host, port } = route.forward.listen;
  server.listen({ host, port });
  await once(server, 'listening');
  // From here on an error is a connection that could not be taken, for want of descriptors.
  server.on('error', () => {});
  const end = ({ client, target }: Pair) => {
    abort(client);
    abort(target);
  };
  return {
    forward: () => route.forward,
    change(next) {
      route = next;
      for (const pair of pairs) {
        if (!isSameAddress(pair.to, route.forward.to) || !admits(route, pair.peer)) end(pair);
      }
    },
    close() {
      server.close();
      for (const pair of pairs) end(pair);
    },
  };
}

export function isSameAddress(one: SocketAddress, other: SocketAddress): boolean {
  return one.host === other.host && one.port === other.port;
}

function admits({ peers }: Route, peer: string): boolean {
  return peer !== '' && peers.check(peer, 'ipv4');
}

/**
 * Hands on what either side writes. `pipe` waits for the slower side, so little is held here; and it hands on the end
 * of what one side writes as just that.
 */
function join({ client, target }: Pair, onEnd: () => void): void {
  client.pipe(target);
  target.pipe(client);
  let open = 2;
  for (const [socket, other] of [
    [client, target],
    [target, client],
  ] as const) {
    socket.once('close', () => {
      // In good order the other side may still have something to send that is on its way.
      if (!socket.readableEnded || !socket.writableFinished) abort(other);
      open--;
      if (open === 0) onEnd();
    });
  }
}

/** Ends a connection so that the peer does not take it for the end of what was written. */
function abort(socket: Socket): void {
  // One that is being shut down, or that is not there yet, cannot be reset.
  if (socket.connecting || socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}
