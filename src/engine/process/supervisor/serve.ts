import { existsSync, renameSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import path from 'node:path';
import { messageOf } from '../../../diagnostics/mesh-error.ts';
import { createLineSplitter } from '../logs/split-lines.ts';
import { type Listening, perform, wants } from './operations.ts';
import { decode, encode, type News } from './protocol.ts';
import type { Supervisor } from './supervisor.ts';

export interface Serving {
  readonly tell: (news: News) => void;
  readonly connections: () => number;
  readonly close: () => void;
}

export interface ServeOptions {
  readonly socket: string;
  /** Makes the folder of the socket. Another project that ends may remove it again, for it is empty until then. */
  readonly makeFolder: () => void;
  readonly supervisor: () => Supervisor;
  readonly retire: () => void;
  /** Called when a connection has come or gone. */
  readonly onConnections: () => void;
}

/** A reader that does not read, such as a stopped `mesh dev logs`, is cut off and not waited for. */
const MOST_UNREAD_BYTES = 16 * 1024 * 1024;
/** A spec with its environment is far smaller; see `createLineSplitter` on why there is a bound. */
const LONGEST_REQUEST = 64 * 1024 * 1024;
const FOLDER_TRIES = 5;

/** Answers on the socket. The caller holds the lock, so a socket file that is there already is a dead one. */
export async function serve(options: ServeOptions): Promise<Serving> {
  const connections = new Map<Socket, Listening>();
  const server = createServer((socket) => {
    const listening: Listening = { events: false, lines: new Set() };
    connections.set(socket, listening);
    options.onConnections();
    const splitter = createLineSplitter(LONGEST_REQUEST);
    socket.on('data', (chunk) => {
      for (const line of splitter.push(chunk)) void answer(socket, line, listening, options);
    });
    socket.on('error', () => socket.destroy());
    socket.once('close', () => {
      connections.delete(socket);
      options.onConnections();
    });
  });
  // Under a name of its own first: the server removes that name when it closes, and by then the real one may be that
  // of a successor.
  const own = `${options.socket}.${process.pid}`;
  rmSync(own, { force: true });
  for (let tries = 1; !(await listens(server, own, tries === FOLDER_TRIES)); tries++) options.makeFolder();
  renameSync(own, options.socket);
  return {
    tell(news) {
      for (const [socket, listening] of connections) {
        if (!wants(listening, news)) continue;
        if (socket.writableLength > MOST_UNREAD_BYTES) socket.destroy();
        else socket.write(encode(news));
        if (news.news === 'ended') listening.lines.delete(news.id);
      }
    },
    connections: () => connections.size,
    close() {
      server.close();
      for (const socket of connections.keys()) socket.end();
    },
  };
}

async function answer(socket: Socket, line: string, listening: Listening, options: ServeOptions): Promise<void> {
  try {
    const { id, reply } = await perform(line, { supervisor: options.supervisor(), listening, retire: options.retire });
    socket.write(encode({ id, reply }));
  } catch (error) {
    const id = decode<{ id?: number }>(line)?.id ?? 0;
    socket.write(encode({ id, refused: messageOf(error) }));
  }
}

/** False when the folder of the socket is missing; the last time that is an error, as everything else is. */
function listens(server: Server, socket: string, isLast: boolean): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => {
      const hasNoFolder = !existsSync(path.dirname(socket));
      if (hasNoFolder && !isLast) resolve(false);
      else reject(error);
    };
    server.once('error', fail);
    server.listen(socket, () => {
      server.off('error', fail);
      resolve(true);
    });
  });
}
