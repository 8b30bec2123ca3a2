import { Problem } from '@toskamesh/shared';
import type { Failure } from './retry-rule.ts';

export function unknownService(name: string): Problem {
  return new Problem(404, `no service is called ${name}`);
}

/** @param retryAfter - seconds until a breaker lets a request try; undefined when there is no instance at all */
export function noInstance(name: string, retryAfter?: number): Problem {
  const detail =
    retryAfter === undefined
      ? `no instance of ${name} can be called; try again`
      : `all instances of ${name} fail; try again in ${retryAfter} s`;
  return new Problem(503, detail, { headers: { 'retry-after': String(retryAfter ?? 1) } });
}

/** The answer to a request whose last attempt failed. */
export function failureProblem(service: string, instanceId: string, failure: Exclude<Failure, 'unavailable'>): Problem {
  switch (failure) {
    case 'not-sent':
      // Nothing was sent: whatever it is, it may be tried again.
      return new Problem(503, `${service} cannot be reached; try again`, { headers: { 'retry-after': '1' } });
    case 'lost':
      return new Problem(502, `${instanceId} broke the connection before it answered; it may have done what was asked`);
    case 'timeout':
      return new Problem(504, `${instanceId} did not answer in time; it may have done what was asked`);
  }
}
