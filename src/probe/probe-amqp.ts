import { type Address, type ProbeLimits, receive, Unanswered, withConnection } from './connection.ts';
import type { ProbeAnswer } from './probe.ts';

/** AMQP 0-9-1, section 4.2.2: the name, a zero, and the version. */
const PROTOCOL_HEADER = Buffer.from([...Buffer.from('AMQP'), 0, 0, 9, 1]);
/** Frame type 1 (method) on channel 0, its size in four bytes, then class 10, method 10: Connection.Start. */
const FRAME_START = Buffer.from([1, 0, 0]);
const CONNECTION_START = Buffer.from([0, 10, 0, 10]);
const CONNECTION_START_AT = FRAME_START.length + 4;

/**
 * Sends the protocol header; a broker that takes sessions greets with Connection.Start. RabbitMQ listens on its port
 * only after its own start-up, but a published port accepts long before.
 *
 * @throws Unanswered when there is no connection at all; the signal's reason when it is aborted
 */
export async function probeAmqp(target: Address, limits: ProbeLimits): Promise<ProbeAnswer> {
  try {
    return await withConnection(target, limits, (socket) => {
      socket.write(PROTOCOL_HEADER);
      return receive(socket, readGreeting);
    });
  } catch (error) {
    if (!(error instanceof Unanswered) || !error.connected) throw error;
    return { ok: false, answer: `no AMQP greeting yet (${error.message})` };
  }
}

function readGreeting(bytes: Buffer): ProbeAnswer | undefined {
  if (isPrefix(PROTOCOL_HEADER.subarray(0, 4), bytes)) {
    // A server that does not know our version sends the header of its own, and closes.
    if (bytes.length < PROTOCOL_HEADER.length) return undefined;
    return { ok: false, answer: `the server speaks AMQP ${[...bytes.subarray(5, 8)].join('-')}, not 0-9-1` };
  }
  const method = bytes.subarray(CONNECTION_START_AT);
  if (!isPrefix(FRAME_START, bytes) || !isPrefix(CONNECTION_START, method)) {
    return { ok: false, answer: 'not an AMQP answer' };
  }
  return method.length < CONNECTION_START.length ? undefined : { ok: true, answer: 'AMQP 0-9-1 greeting' };
}

/** Whether `bytes` begin as `expected`, as far as both go. */
function isPrefix(expected: Buffer, bytes: Buffer): boolean {
  const length = Math.min(expected.length, bytes.length);
  return expected.subarray(0, length).equals(bytes.subarray(0, length));
}
