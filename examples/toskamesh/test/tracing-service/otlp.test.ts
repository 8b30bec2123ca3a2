import { describe, expect, it } from 'vitest';
import { decodeSpans } from '../../src/tracing-service/otlp.ts';

const SPAN = {
  traceId: '0AF7651916CD43DD8448EB211C80319C',
  spanId: 'b7ad6b7169203331',
  parentSpanId: '00f067aa0ba902b7',
  name: 'GET /api/config/:service',
  kind: 2,
  startTimeUnixNano: '1769860800000000001',
  endTimeUnixNano: '1769860800005000001',
};

function request(span: unknown, service = 'config-service') {
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: service } }] };
  return { resourceSpans: [{ resource, scopeSpans: [{ spans: [span] }] }] };
}

function only(span: unknown) {
  const { spans, rejected } = decodeSpans(request(span));
  expect(rejected).toEqual([]);
  return spans[0];
}

describe('decodeSpans', () => {
  it('reads ids, times, kind, service and status', () => {
    expect(only({ ...SPAN, status: { code: 2, message: 'HTTP 500' } })).toEqual({
      traceId: '0af7651916cd43dd8448eb211c80319c',
      spanId: 'b7ad6b7169203331',
      parentId: '00f067aa0ba902b7',
      service: 'config-service',
      name: 'GET /api/config/:service',
      kind: 'server',
      startNs: 1_769_860_800_000_000_001n,
      endNs: 1_769_860_800_005_000_001n,
      isError: true,
      message: 'HTTP 500',
      attributes: {},
      events: [],
    });
  });

  it('takes a parent of zeros, as one that is missing, for none', () => {
    expect(only({ ...SPAN, parentSpanId: '0000000000000000' })?.parentId).toBeUndefined();
    expect(only({ ...SPAN, parentSpanId: '' })?.parentId).toBeUndefined();
  });

  it('turns every kind of attribute into JSON', () => {
    const value = {
      text: { stringValue: 'a' },
      flag: { boolValue: false },
      count: { intValue: '42' },
      large: { intValue: '9007199254740993' },
      share: { doubleValue: 0.5 },
      list: { arrayValue: { values: [{ intValue: 1 }, { stringValue: 'b' }] } },
      map: { kvlistValue: { values: [{ key: 'inner', value: { boolValue: true } }] } },
      nothing: {},
    };
    const attributes = Object.entries(value).map(([key, item]) => ({ key, value: item }));
    expect(only({ ...SPAN, attributes })?.attributes).toEqual({
      text: 'a',
      flag: false,
      count: 42,
      large: '9007199254740993',
      share: 0.5,
      list: [1, 'b'],
      map: { inner: true },
      nothing: null,
    });
  });

  it('keeps no text that PostgreSQL refuses', () => {
    const attributes = [{ key: 'a\0', value: { stringValue: 'b\ud800c' } }];
    const kept = only({ ...SPAN, name: 'x\0y', attributes });
    expect(kept?.name).toBe('xy');
    expect(kept?.attributes).toEqual({ a: 'b\ufffdc' });
  });

  it('names a span without a service as OpenTelemetry does', () => {
    const { spans } = decodeSpans({ resourceSpans: [{ scopeSpans: [{ spans: [SPAN] }] }] });
    expect(spans[0]?.service).toBe('unknown_service');
  });

  it.each([
    ['a traceId is not 32 hexadecimal digits, some of them not 0', { traceId: '0'.repeat(32) }],
    ['a traceId is not 32 hexadecimal digits, some of them not 0', { traceId: 'Cvdl' }],
    ['a spanId is not 16 hexadecimal digits, some of them not 0', { spanId: undefined }],
    ['span b7ad6b7169203331: its times are not nanoseconds since 1970', { startTimeUnixNano: '-1' }],
    ['span b7ad6b7169203331: its times are not nanoseconds since 1970', { endTimeUnixNano: '9999999999999999999' }],
    ['span b7ad6b7169203331: it ends before it starts', { endTimeUnixNano: '1769860800000000000' }],
  ])('rejects one: %s', (why, change) => {
    expect(decodeSpans(request({ ...SPAN, ...change }))).toEqual({ spans: [], rejected: [why] });
  });

  it('keeps the others of a batch in which one is rejected', () => {
    const good = request(SPAN).resourceSpans;
    const { spans, rejected } = decodeSpans({ resourceSpans: [...request('no span').resourceSpans, ...good, null] });
    expect(rejected).toEqual(['a span is no object']);
    expect(spans).toHaveLength(1);
  });
});
