import type { Address, ProbeLimits } from './connection.ts';
import { httpGet } from './http-get.ts';
import { oneLine } from './one-line.ts';
import type { ProbeAnswer } from './probe.ts';
import { describeReply } from './probe-http.ts';

/**
 * Asks who leads. Without a leader Consul answers HTTP, but neither registers services nor serves keys.
 * Source: https://developer.hashicorp.com/consul/api-docs/status#get-raft-leader
 *
 * @throws Unanswered; the signal's reason when it is aborted
 */
export async function probeConsul(target: Address, limits: ProbeLimits): Promise<ProbeAnswer> {
  const { status, body } = await httpGet({ ...target, path: '/v1/status/leader' }, limits, () => true);
  if (status !== 200) return { ok: false, answer: describeReply(status, body) };
  const leader = parseJson(body);
  if (typeof leader !== 'string') return { ok: false, answer: 'not a Consul answer' };
  return leader === '' ? { ok: false, answer: 'no leader yet' } : { ok: true, answer: `leader ${oneLine(leader)}` };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
