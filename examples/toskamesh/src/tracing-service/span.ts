export type AttributeValue = string | number | boolean | null | readonly AttributeValue[] | Attributes;

export interface Attributes {
  readonly [name: string]: AttributeValue;
}

export interface SpanEvent {
  readonly name: string;
  readonly atNs: string;
  readonly attributes: Attributes;
}

export const SPAN_KINDS = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'] as const;
export type SpanKind = (typeof SPAN_KINDS)[number];

/** A span as it is kept. Times are nanoseconds since 1970, too large for a number. */
export interface StoredSpan {
  readonly traceId: string;
  readonly spanId: string;
  /** Undefined for the first span of a trace. */
  readonly parentId: string | undefined;
  readonly service: string;
  readonly name: string;
  readonly kind: SpanKind;
  readonly startNs: bigint;
  readonly endNs: bigint;
  readonly isError: boolean;
  /** What the span's status says, mostly why it failed. */
  readonly message: string | undefined;
  readonly attributes: Attributes;
  readonly events: readonly SpanEvent[];
}

/** Milliseconds, to the microsecond. */
export function nsToMs(ns: bigint): number {
  return Number(ns / 1000n) / 1000;
}

export function nsToIso(ns: bigint): string {
  return new Date(Number(ns / 1_000_000n)).toISOString();
}
