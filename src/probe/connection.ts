import { connect, type Socket } from 'node:net';
import { CLOSED, failureWords, timedOutWords } from './failure-words.ts';

export interface Address {
  readonly host: string;
  readonly port: number;
}

export interface ProbeLimits {
  /** For the whole probe: name look-up, connecting and the answer. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** The other side gave no usable answer; the message says why in plain words. */
export class Unanswered extends Error {
  override readonly name = 'Unanswered';
  /** Whether the connection stood when it happened: behind a proxy that alone does not mean that anyone listens. */
  readonly connected: boolean;
  readonly timedOut: boolean;

  constructor(message: string, how: { readonly connected: boolean; readonly timedOut: boolean }) {
    super(message);
    this.connected = how.connected;
    this.timedOut = how.timedOut;
  }
}

class TimedOut extends Error {}

/** More than this is no answer to a probe. */
export const LONGEST_ANSWER_BYTES = 64 * 1024;

/**
 * Opens a TCP connection, lends it to `use`, and closes it. The one owner of a probe's socket, timer and listeners:
 * when the promise settles, all of them are gone. (Only a name look-up that is under way cannot be called back;
 * it ends by itself.)
 *
 * @throws Unanswered when connecting or `use` fails, the other side closes, or time is over; the signal's reason when it is aborted
 */
export async function withConnection<T>(
  address: Address,
  limits: ProbeLimits,
  use: (socket: Socket) => Promise<T>,
): Promise<T> {
  limits.signal.throwIfAborted();
  const socket = connect({ host: address.host, port: address.port, noDelay: true });
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  const end = endOf(socket, limits);
  let connected = false;
  try {
    await Promise.race([new Promise<void>((resolve) => socket.once('connect', resolve)), end.reached]);
    connected = true;
    return await Promise.race([use(socket), end.reached]);
  } catch (error) {
    limits.signal.throwIfAborted();
    throw new Unanswered(failureWords(error), {
      connected: connected || isReset(error),
      timedOut: error instanceof TimedOut,
    });
  } finally {
    end.forget();
    socket.destroy();
    await closed;
  }
}

/** A peer can reset between accepting and our hearing of it; where nobody accepts, it is a refusal instead. */
function isReset(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ECONNRESET';
}

/** Rejects with whatever ends the connection first. The socket keeps its listeners, so that a late error has one. */
function endOf(socket: Socket, { timeoutMs, signal }: ProbeLimits): { reached: Promise<never>; forget: () => void } {
  let reject: (reason: unknown) => void = () => {};
  const reached = new Promise<never>((_, rejectWith) => {
    reject = rejectWith;
  });
  const timer = setTimeout(() => reject(new TimedOut(timedOutWords(timeoutMs))), timeoutMs);
  const onAbort = () => reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  socket.on('error', reject);
  socket.once('close', () => reject(new Error(CLOSED)));
  return {
    reached,
    forget: () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
    },
  };
}

/**
 * Reads until the bytes so far mean something.
 *
 * @param read gets all bytes received so far; `undefined` asks for more, a throw gives up
 */
export function receive<T>(socket: Socket, read: (bytes: Buffer) => T | undefined): Promise<T> {
  return new Promise((resolve, reject) => {
    let bytes = Buffer.alloc(0);
    const onData = (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk]);
      try {
        const meaning = read(bytes);
        if (meaning === undefined && bytes.length <= LONGEST_ANSWER_BYTES) return;
        socket.off('data', onData);
        if (meaning === undefined) reject(new Error('an endless answer'));
        else resolve(meaning);
      } catch (error) {
        socket.off('data', onData);
        reject(error);
      }
    };
    socket.on('data', onData);
  });
}
