import { decodeAttributes, type Fields, isFields, listOf, storableText } from './otlp-values.ts';
import { SPAN_KINDS, type SpanEvent, type StoredSpan } from './span.ts';

const MAX_NAME = 500;
const MAX_EVENTS = 32;
const ERROR_STATUS = 2;
/** PostgreSQL's bigint. */
const MAX_NS = 2n ** 63n - 1n;
const UNKNOWN_SERVICE = 'unknown_service';

export interface DecodedSpans {
  readonly spans: readonly StoredSpan[];
  /** Why spans were left out, a text for each. */
  readonly rejected: readonly string[];
}

/**
 * An ExportTraceServiceRequest in OTLP's JSON encoding: ids in hex, enums as numbers, 64-bit integers as text.
 * https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
 *
 * A span that cannot be kept costs the others nothing: OTLP has an answer for a part that is rejected.
 */
export function decodeSpans(body: Fields): DecodedSpans {
  const spans: StoredSpan[] = [];
  const rejected: string[] = [];
  for (const resourceSpans of listOf(body.resourceSpans).filter(isFields)) {
    const service = serviceOf(resourceSpans.resource);
    for (const scopeSpans of listOf(resourceSpans.scopeSpans).filter(isFields)) {
      for (const span of listOf(scopeSpans.spans)) {
        const decoded = decodeSpan(service, span);
        if (typeof decoded === 'string') {
          rejected.push(decoded);
        } else {
          spans.push(decoded);
        }
      }
    }
  }
  return { spans, rejected };
}

function serviceOf(resource: unknown): string {
  const name = isFields(resource) ? decodeAttributes(resource.attributes)['service.name'] : undefined;
  return typeof name === 'string' && name !== '' ? name.slice(0, MAX_NAME) : UNKNOWN_SERVICE;
}

/** @returns the span, or why it is none */
function decodeSpan(service: string, span: unknown): StoredSpan | string {
  if (!isFields(span)) {
    return 'a span is no object';
  }
  const traceId = decodeId(span.traceId, 32);
  const spanId = decodeId(span.spanId, 16);
  if (traceId === undefined || spanId === undefined) {
    return traceId === undefined
      ? 'a traceId is not 32 hexadecimal digits, some of them not 0'
      : 'a spanId is not 16 hexadecimal digits, some of them not 0';
  }
  const startNs = decodeNs(span.startTimeUnixNano);
  const endNs = decodeNs(span.endTimeUnixNano);
  if (startNs === undefined || endNs === undefined) {
    return `span ${spanId}: its times are not nanoseconds since 1970`;
  }
  if (endNs < startNs) {
    return `span ${spanId}: it ends before it starts`;
  }
  const status = isFields(span.status) ? span.status : {};
  return {
    traceId,
    spanId,
    parentId: decodeId(span.parentSpanId, 16),
    service,
    name: typeof span.name === 'string' && span.name !== '' ? storableText(span.name, MAX_NAME) : '(no name)',
    kind: SPAN_KINDS[Number(span.kind)] ?? 'unspecified',
    startNs,
    endNs,
    isError: status.code === ERROR_STATUS,
    message: typeof status.message === 'string' && status.message !== '' ? storableText(status.message) : undefined,
    attributes: decodeAttributes(span.attributes),
    events: listOf(span.events).slice(0, MAX_EVENTS).flatMap(decodeEvent),
  };
}

function decodeEvent(event: unknown): readonly SpanEvent[] {
  const atNs = isFields(event) ? decodeNs(event.timeUnixNano) : undefined;
  if (!isFields(event) || atNs === undefined || typeof event.name !== 'string') {
    return [];
  }
  const name = storableText(event.name, MAX_NAME);
  return [{ name, atNs: String(atNs), attributes: decodeAttributes(event.attributes) }];
}

/** An id of zeros only is OTLP's way to say that there is none. */
function decodeId(value: unknown, digits: number): string | undefined {
  const isId = typeof value === 'string' && value.length === digits && /^[0-9a-f]+$/i.test(value);
  return isId && /[^0]/.test(value) ? value.toLowerCase() : undefined;
}

function decodeNs(value: unknown): bigint | undefined {
  const isInteger = typeof value === 'string' ? /^\d{1,19}$/.test(value) : Number.isInteger(value);
  const ns = isInteger ? BigInt(value as string | number) : 0n;
  return ns > 0n && ns <= MAX_NS ? ns : undefined;
}
