import type { ProbeAnswer, ProbeTarget } from '../../../src/probe/probe.ts';
import { probeOnce } from '../../../src/probe/probe-once.ts';

/** Long enough for any machine: a test that runs into it fails by its answer. */
const AMPLE_MS = 10_000;

/** One probe with ample time and nothing to abort it. */
export function ask(target: ProbeTarget, timeoutMs = AMPLE_MS): Promise<ProbeAnswer> {
  return probeOnce(target, { timeoutMs, signal: new AbortController().signal });
}
