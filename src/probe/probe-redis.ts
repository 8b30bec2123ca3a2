import { type Address, type ProbeLimits, receive, withConnection } from './connection.ts';
import { oneLine } from './one-line.ts';
import type { ProbeAnswer } from './probe.ts';

const PING = '*1\r\n$4\r\nPING\r\n';

/**
 * Sends PING. `NOAUTH` is ready too: the server takes commands, and its password is not the probe's business.
 * `LOADING` is not: the data set is still being read.
 *
 * @throws Unanswered; the signal's reason when it is aborted
 */
export async function probeRedis(target: Address, limits: ProbeLimits): Promise<ProbeAnswer> {
  const line = await withConnection(target, limits, (socket) => {
    socket.write(PING);
    return receive(socket, firstLine);
  });
  if (!line.startsWith('+') && !line.startsWith('-'))
    return { ok: false, answer: `not a Redis answer: ${oneLine(line)}` };
  return { ok: line === '+PONG' || line.startsWith('-NOAUTH'), answer: oneLine(line.slice(1)) };
}

function firstLine(bytes: Buffer): string | undefined {
  const end = bytes.indexOf('\r\n');
  return end === -1 ? undefined : bytes.toString('utf8', 0, end);
}
