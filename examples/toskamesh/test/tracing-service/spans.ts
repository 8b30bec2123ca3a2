import type { StoredSpan } from '../../src/tracing-service/span.ts';

export const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const START_MS = Date.parse('2026-01-31T12:00:00Z');

/** A span of the one trace, with times in ms from its start. */
export function span(
  spanId: string,
  [fromMs, toMs]: readonly [number, number],
  rest: Partial<StoredSpan> = {},
): StoredSpan {
  return {
    traceId: TRACE_ID,
    spanId,
    parentId: undefined,
    service: 'gateway',
    name: 'GET /api/*',
    kind: 'server',
    startNs: nsOf(fromMs),
    endNs: nsOf(toMs),
    isError: false,
    message: undefined,
    attributes: {},
    events: [],
    ...rest,
  };
}

export function nsOf(ms: number): bigint {
  return BigInt(START_MS) * 1_000_000n + BigInt(Math.round(ms * 1_000_000));
}
