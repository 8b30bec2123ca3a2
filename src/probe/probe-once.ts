import { type ProbeLimits, Unanswered } from './connection.ts';
import type { ProbeAnswer, ProbeTarget } from './probe.ts';
import { probeAmqp } from './probe-amqp.ts';
import { probeConsul } from './probe-consul.ts';
import { probeGrpc } from './probe-grpc.ts';
import { probeHttp } from './probe-http.ts';
import { probePostgres } from './probe-postgres.ts';
import { probeRedis } from './probe-redis.ts';
import { probeTcp } from './probe-tcp.ts';

/** An intersection, because several kinds share one member of the union. */
type TargetOf<K extends ProbeTarget['kind']> = ProbeTarget & { readonly kind: K };

type Probes = {
  readonly [K in ProbeTarget['kind']]: (target: TargetOf<K>, limits: ProbeLimits) => Promise<ProbeAnswer>;
};

const PROBES: Probes = {
  http: probeHttp,
  grpc: probeGrpc,
  postgres: probePostgres,
  redis: probeRedis,
  amqp: probeAmqp,
  consul: probeConsul,
  tcp: probeTcp,
};

/** The table's row for a kind. One type parameter ties the target to its row, which a plain look-up cannot. */
function perform<K extends ProbeTarget['kind']>(
  kind: K,
  target: TargetOf<K>,
  limits: ProbeLimits,
): Promise<ProbeAnswer> {
  return PROBES[kind](target, limits);
}

/**
 * Asks a target once whether it is ready. A network that fails is an answer, in plain words: `connection refused`.
 * When the promise settles, the probe has left no socket, timer or listener behind.
 *
 * @param options `timeoutMs` is for the whole probe, in milliseconds
 * @throws the signal's reason when it is aborted, and nothing else
 */
export async function probeOnce(target: ProbeTarget, options: ProbeLimits): Promise<ProbeAnswer> {
  try {
    return await perform(target.kind, target, options);
  } catch (error) {
    if (!(error instanceof Unanswered)) throw error;
    return { ok: false, answer: error.message };
  }
}
