import type { IncomingHttpHeaders } from 'node:http';

/** https://www.rfc-editor.org/rfc/rfc9110#section-9.2.2 */
const IDEMPOTENT: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE']);
const SAFE: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);
const CONDITIONS = ['if-match', 'if-none-match', 'if-unmodified-since'] as const;

/**
 * How an attempt ended that gave no answer to pass on: nothing of the request was sent; it was sent, at least in part,
 * and the connection broke; the time for it was over; the instance said 502, 503 or 504.
 */
export type Failure = 'not-sent' | 'lost' | 'timeout' | 'unavailable';

export interface RepeatableRequest {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  /** A body that is streamed is gone once it was sent. */
  readonly body: 'none' | 'kept' | 'streamed';
}

/** Whether another instance may be asked the same without a risk that the request takes effect twice. */
export function mayRepeat(request: RepeatableRequest, failure: Failure): boolean {
  switch (failure) {
    case 'not-sent':
      return true;
    case 'timeout':
      // The time is the request's and not the attempt's: there is none left for another.
      return false;
    case 'lost':
    case 'unavailable':
      return request.body !== 'streamed' && isIdempotent(request);
  }
}

/**
 * A PUT with a condition is none: when its first attempt took effect and only the answer was lost, the second one
 * fails on the condition, and the caller would hear that nothing was written.
 */
function isIdempotent({ method, headers }: RepeatableRequest): boolean {
  const isConditional = CONDITIONS.some((name) => headers[name] !== undefined);
  return IDEMPOTENT.has(method) && (SAFE.has(method) || !isConditional);
}
