import { type Dispatcher, Pool } from 'undici';

/** On a network of its own a connection is there at once, or the machine is not. Longer times are not kept exactly. */
const CONNECT_MS = 1000;

/**
 * As many connections to an instance as there are requests for it at once, one request at a time on each, and kept
 * for the next ones: a limit would let streams of events, which never end, hold up all others. What bounds them is the
 * limit on requests under way.
 */
export function openPool(origin: string): Dispatcher {
  return new Pool(origin, { pipelining: 1, bodyTimeout: 0, connect: { timeout: CONNECT_MS } });
}
