import { once } from 'node:events';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createServer as createHttp2Server, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import { createServer, type Server, type Socket } from 'node:net';

export interface LocalServer extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
}

/** Plays the server's side of a protocol on a free port of the loopback address. */
export async function serveTcp(onConnection: (socket: Socket) => void): Promise<LocalServer> {
  return listen(
    createServer((socket) => {
      // The client may go at any time; that is what many tests are about.
      socket.on('error', () => {});
      onConnection(socket);
    }),
  );
}

/** Answers the first bytes of every connection with fixed ones, and keeps the connection open. */
export function serveReply(reply: string | Buffer): Promise<LocalServer> {
  return serveTcp((socket) => socket.once('data', () => socket.write(reply)));
}

export function serveHttp(onRequest: RequestListener): Promise<LocalServer> {
  return listen(createHttpServer(onRequest));
}

export type GrpcCall = { readonly headers: Readonly<Record<string, unknown>>; readonly body: Buffer };

/** Cleartext HTTP/2; `onCall` runs when the request has come as a whole. */
export async function serveGrpc(onCall: (stream: ServerHttp2Stream, call: GrpcCall) => void): Promise<LocalServer> {
  const server = createHttp2Server();
  const sessions = new Set<ServerHttp2Session>();
  server.on('session', (session) => sessions.add(session));
  server.on('stream', (stream, headers) => {
    const chunks: Buffer[] = [];
    stream.on('error', () => {});
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('end', () => onCall(stream, { headers, body: Buffer.concat(chunks) }));
  });
  return listen(server);
}

/** A port on which nothing listens: one that was free a moment ago. */
export async function closedPort(): Promise<number> {
  const server = await serveTcp(() => {});
  await server[Symbol.asyncDispose]();
  return server.port;
}

/** Both kinds of end that a peer can give to a connection. */
export function reset(socket: Socket): void {
  socket.resetAndDestroy();
}

async function listen(server: Pick<Server, 'listen' | 'address' | 'close' | 'on' | 'once'>): Promise<LocalServer> {
  const open = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server as Server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    host: '127.0.0.1',
    port: address.port,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
}
