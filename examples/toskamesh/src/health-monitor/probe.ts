import { addressOf, describeError, httpGet, type Instance, tcpReach } from '@toskamesh/shared';
import type { Limits } from './limits.ts';
import type { ProbeResult } from './watched.ts';

/** Health answers are short. */
const MAX_BYTES = 256 * 1024;
const MAX_REASON = 300;
const DEFAULT_PATH = '/health';

/** Asks an instance how it is. An answer other than 2xx is a failure, as is none in time. */
export async function probe(instance: Instance, limits: Limits): Promise<ProbeResult> {
  const begun = performance.now();
  const reason = await failureOf(instance, limits).catch(describeError);
  return { reason: reason?.slice(0, MAX_REASON), tookMs: Math.round(performance.now() - begun) };
}

async function failureOf(instance: Instance, { httpTimeoutMs, tcpTimeoutMs }: Limits): Promise<string | undefined> {
  if (instance.scheme !== 'http') {
    await tcpReach(instance.address, instance.port, tcpTimeoutMs);
    return undefined;
  }
  const options = { timeoutMs: httpTimeoutMs, maxBytes: MAX_BYTES };
  const { status, text } = await httpGet(healthUrl(instance), options);
  return status >= 200 && status < 300 ? undefined : describeAnswer(status, text);
}

/** On the instance's own address, whatever its path looks like: `//elsewhere` names no other host. */
export function healthUrl(instance: Instance): URL {
  const path = instance.healthPath === '' ? DEFAULT_PATH : instance.healthPath;
  return new URL(`${addressOf(instance).origin}${path.startsWith('/') ? '' : '/'}${path}`);
}

/** `HTTP 503: postgres ECONNREFUSED …`, where the answer names its checks as these services do. */
export function describeAnswer(status: number, text: string): string {
  const failed = Object.entries(checksOf(text)).filter(([, check]) => check !== 'ok');
  const named = failed.map(([name, check]) => `${name} ${String(check)}`).join(', ');
  return named === '' ? `HTTP ${status}` : `HTTP ${status}: ${named}`;
}

function checksOf(text: string): object {
  try {
    const { checks } = JSON.parse(text);
    return typeof checks === 'object' && checks !== null ? checks : {};
  } catch {
    return {};
  }
}
