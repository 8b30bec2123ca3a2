import { STATUS_CODES } from 'node:http';
import type { ProbeLimits } from './connection.ts';
import { httpGet } from './http-get.ts';
import { oneLine } from './one-line.ts';
import type { ProbeAnswer, ProbeTarget } from './probe.ts';

/**
 * Asks with GET. Ready when the status is the wanted one, or any 2xx where none is given; the body then does not
 * matter and is not waited for.
 *
 * @throws Unanswered; the signal's reason when it is aborted
 */
export async function probeHttp(
  target: Extract<ProbeTarget, { kind: 'http' }>,
  limits: ProbeLimits,
): Promise<ProbeAnswer> {
  const isWanted = (status: number) =>
    target.status === undefined ? status >= 200 && status <= 299 : status === target.status;
  const { status, body } = await httpGet(target, limits, (code) => !isWanted(code));
  return isWanted(status) ? { ok: true, answer: String(status) } : { ok: false, answer: describeReply(status, body) };
}

/** `503 {"status":"unready"}`; without a body the standard's words: `404 Not Found`. */
export function describeReply(status: number, body: string): string {
  const text = oneLine(body) || (STATUS_CODES[status] ?? '');
  // Go's own servers repeat the status in the body.
  return text.startsWith(`${status} `) ? text : `${status} ${text}`.trimEnd();
}
