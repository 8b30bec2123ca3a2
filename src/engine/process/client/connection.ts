import { createConnection } from 'node:net';
import { createLineSplitter } from '../logs/split-lines.ts';
import {
  type Answer,
  decode,
  encode,
  type News,
  type Operation,
  type Reply,
  type Send,
} from '../supervisor/protocol.ts';

/** A connection to the supervisor. */
export interface Connection {
  ask<K extends Operation>(operation: K, send: Send<K>): Promise<Reply<K>>;
  /** Calls back for all news from now on; gives the way to stop that. */
  onNews(listener: (news: News) => void): () => void;
  readonly closed: Promise<void>;
  readonly isOpen: () => boolean;
  close(): void;
}

/** The supervisor refused a request; its words are the message. */
export class Refused extends Error {
  override readonly name = 'Refused';
}

/** The supervisor went away before it answered. */
export class Disconnected extends Error {
  override readonly name = 'Disconnected';
}

/** A whole log line or record is far smaller. */
const LONGEST_MESSAGE = 64 * 1024 * 1024;

interface Pending {
  readonly resolve: (reply: object) => void;
  readonly reject: (error: Error) => void;
}

/** Nothing when nobody answers at that path. */
export async function connect(path: string): Promise<Connection | undefined> {
  const socket = createConnection(path);
  const there = await new Promise<boolean>((resolve) => {
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
  });
  if (!there) return undefined;
  const pending = new Map<number, Pending>();
  const listeners = new Set<(news: News) => void>();
  const splitter = createLineSplitter(LONGEST_MESSAGE);
  let lastId = 0;
  const take = (line: string) => {
    const message = decode<Answer | News>(line);
    if (message === undefined) return;
    if ('news' in message) {
      for (const listener of listeners) listener(message);
      return;
    }
    const asked = pending.get(message.id);
    pending.delete(message.id);
    if ('reply' in message) asked?.resolve(message.reply);
    else asked?.reject(new Refused(message.refused));
  };
  socket.on('data', (chunk) => {
    for (const line of splitter.push(chunk)) take(line);
  });
  socket.on('error', () => socket.destroy());
  const closed = new Promise<void>((resolve) => {
    socket.once('close', () => {
      for (const { reject } of pending.values()) reject(new Disconnected('the supervisor went away'));
      pending.clear();
      resolve();
    });
  });
  return {
    closed,
    isOpen: () => !socket.destroyed,
    close: () => socket.destroy(),
    onNews(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    ask<K extends Operation>(operation: K, send: Send<K>): Promise<Reply<K>> {
      const id = ++lastId;
      return new Promise<Reply<K>>((resolve, reject) => {
        if (socket.destroyed) return reject(new Disconnected('the supervisor went away'));
        // The reply has the form of its operation: both sides are of one protocol version.
        pending.set(id, { resolve: (reply) => resolve(reply as Reply<K>), reject });
        socket.write(encode({ id, operation, send }));
      });
    },
  };
}
