import type { Socket } from 'node:net';
import { type Address, type ProbeLimits, Unanswered, withConnection } from './connection.ts';
import type { ProbeAnswer } from './probe.ts';

/**
 * Milliseconds that a connection must stay open to count. Docker's proxy accepts on a published port 3 ms after the
 * container starts, whoever listens behind it; only when its own connection into the container is refused does it
 * close ours, a millisecond or two after accepting. The rest is reserve for busy machines.
 */
export const HOLD_MS = 120;

/**
 * Connects, and sees whether the connection lasts: {@link HOLD_MS}, or until the server sends something. The limits
 * must leave room for that time.
 *
 * @throws Unanswered when there is no connection at all, or no time to see it last; the signal's reason when it is aborted
 */
export async function probeTcp(target: Address, limits: ProbeLimits): Promise<ProbeAnswer> {
  try {
    return await withConnection(target, limits, holdOpen);
  } catch (error) {
    if (!(error instanceof Unanswered) || !error.connected || error.timedOut) throw error;
    return { ok: false, answer: 'accepted, then closed at once: nothing listens behind the published port' };
  }
}

function holdOpen(socket: Socket): Promise<ProbeAnswer> {
  return new Promise((resolve) => {
    const judge = () => {
      // When it has ended, its close event is on the way, and decides.
      if (!socket.readableEnded && !socket.destroyed) resolve({ ok: true, answer: 'connection stays open' });
    };
    // One more turn: in a process that was busy the timer comes before the news from the network.
    const timer = setTimeout(() => setImmediate(judge), HOLD_MS);
    // Reading is also what lets a close by the other side be noticed.
    socket.once('data', () => resolve({ ok: true, answer: 'the server speaks' }));
    socket.once('close', () => clearTimeout(timer));
  });
}
