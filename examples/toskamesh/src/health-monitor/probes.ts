import { request } from 'node:http';
import type { Instance } from '../shared/consul-client.ts';
import { tcpReach } from '../shared/tcp.ts';

export interface Thresholds {
  /** Failures in a row that turn a healthy instance unhealthy. */
  readonly failure: number;
  /** Successes in a row that turn an unhealthy instance healthy. */
  readonly recovery: number;
}

export type Verdict = 'unknown' | 'healthy' | 'unhealthy';

export interface ProbeState {
  readonly verdict: Verdict;
  /** Results in a row that speak against the verdict. */
  readonly against: number;
}

export const UNPROBED: ProbeState = { verdict: 'unknown', against: 0 };

/** The first result decides at once; later ones only as many in a row as the threshold asks for. */
export function nextState(state: ProbeState, succeeded: boolean, { failure, recovery }: Thresholds): ProbeState {
  const result: Verdict = succeeded ? 'healthy' : 'unhealthy';
  if (state.verdict === 'unknown' || state.verdict === result) {
    return { verdict: result, against: 0 };
  }
  const against = state.against + 1;
  const needed = succeeded ? recovery : failure;
  return against >= needed ? { verdict: result, against: 0 } : { verdict: state.verdict, against };
}

export async function probe(instance: Instance, httpTimeoutMs: number, tcpTimeoutMs: number): Promise<void> {
  if (instance.scheme === 'http') {
    await probeHttp(instance, httpTimeoutMs);
  } else {
    await tcpReach(instance.address, instance.port, tcpTimeoutMs);
  }
}

function probeHttp({ address, port, healthPath }: Instance, timeoutMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const target = { host: address, port, path: healthPath === '' ? '/health' : healthPath, agent: false };
    const sent = request({ ...target, signal: AbortSignal.timeout(timeoutMs) }, (response) => {
      response.resume();
      const { statusCode = 0 } = response;
      if (statusCode >= 200 && statusCode < 300) {
        resolve();
      } else {
        reject(new Error(`HTTP ${statusCode}`));
      }
    });
    sent.on('error', reject);
    sent.end();
  });
}
