import type { Instance } from '@toskamesh/shared';
import { describe, expect, it } from 'vitest';
import { CircuitBreaker } from '../../src/gateway/circuit-breaker.ts';
import { asksForWebSocket, requestHeaders, responseHeaders } from '../../src/gateway/forwarded-headers.ts';
import { InstanceTable } from '../../src/gateway/instance-table.ts';
import { hasAnother, RoundRobin, retryAfterSeconds } from '../../src/gateway/round-robin.ts';
import { serviceOf } from '../../src/gateway/service-names.ts';
import { withoutService } from '../../src/gateway/table-feed.ts';
import { Upstream } from '../../src/gateway/upstream.ts';

const BREAKER = { failures: 1, pauseMs: 1500 };

const instance = (service: string, id: string, more: Partial<Instance> = {}): Instance => ({
  id,
  service,
  address: '10.0.0.1',
  port: 80,
  scheme: 'http',
  healthPath: '/',
  passing: true,
  metadata: {},
  ...more,
});

describe('serviceOf', () => {
  it.each([
    ['/api/config/a/b?c=d', 'config-service'],
    ['/api/auth', 'auth-service'],
    ['/api/metrics?x', 'metrics-service'],
    ['/api/traces/1', 'tracing-service'],
    ['/api/health/', 'health-monitor'],
    ['/api/orders/7', 'orders'],
    ['/api/', undefined],
    ['/api/../etc', undefined],
    ['/api/a%2fb/c', undefined],
    ['/other', undefined],
  ])('%s', (target, service) => expect(serviceOf(target)).toBe(service));
});

describe('RoundRobin', () => {
  it('gives each in its turn but those that were tried or whose breaker is open', () => {
    const [a, b, c] = ['a', 'b', 'c'].map((id) => ({ id, breaker: new CircuitBreaker(BREAKER) })) as [
      { id: string; breaker: CircuitBreaker },
      { id: string; breaker: CircuitBreaker },
      { id: string; breaker: CircuitBreaker },
    ];
    const all = [a, b, c];
    const robin = new RoundRobin();
    const next = (tried: readonly (typeof a)[] = []) => robin.next(all, new Set(tried), 0)?.id;
    expect([next(), next(), next(), next()]).toEqual(['a', 'b', 'c', 'a']);
    expect(next([b])).toBe('c');
    a.breaker.failed('normal', 0);
    expect([next(), next(), next()]).toEqual(['b', 'c', 'b']);
    expect(next(all)).toBeUndefined();
    expect(hasAnother(all, new Set([b, c]), 0)).toBe(false);
    expect(hasAnother(all, new Set([b, c]), 1500)).toBe(true);
    expect(retryAfterSeconds([a], 0)).toBe(2);
  });
});

describe('headers', () => {
  it('of one connection are not passed on, those of the proxies are added', () => {
    const headers = {
      host: 'shop.example',
      connection: 'keep-alive, X-Secret-Hop',
      'x-secret-hop': '1',
      'keep-alive': 'timeout=5',
      te: 'trailers',
      upgrade: 'h2c',
      expect: '100-continue',
      'transfer-encoding': 'chunked',
      accept: '*/*',
    };
    expect(requestHeaders({ headers }, ['10.0.0.9'], { 'x-request-id': 'r1' })).toEqual({
      accept: '*/*',
      'x-forwarded-for': '10.0.0.9',
      'x-forwarded-proto': 'http',
      'x-forwarded-host': 'shop.example',
      'x-request-id': 'r1',
    });
    expect(responseHeaders({ connection: 'close', etag: '"1"', 'set-cookie': ['a=1', 'b=2'] })).toEqual({
      etag: '"1"',
      'set-cookie': ['a=1', 'b=2'],
    });
    expect(asksForWebSocket({ upgrade: 'WebSocket' })).toBe(true);
    expect(asksForWebSocket({ upgrade: 'h2c' })).toBe(false);
  });

  it('say of the caller what trusted proxies say, and nothing that the caller says', () => {
    const headers = {
      host: 'gateway:5000',
      forwarded: 'for=1.2.3.4',
      'x-forwarded-for': '1.2.3.4, 203.0.113.9',
      'x-forwarded-proto': 'https',
      'x-forwarded-host': 'shop.example',
      'x-real-ip': '1.2.3.4',
    };
    expect(requestHeaders({ headers }, ['198.51.100.7'], {})).toEqual({
      'x-forwarded-for': '198.51.100.7',
      'x-forwarded-proto': 'http',
      'x-forwarded-host': 'gateway:5000',
    });
    expect(requestHeaders({ headers }, ['10.0.0.9', '203.0.113.9'], {})).toMatchObject({
      'x-forwarded-for': '203.0.113.9, 10.0.0.9',
      'x-forwarded-proto': 'https',
      'x-forwarded-host': 'shop.example',
    });
  });
});

describe('InstanceTable', () => {
  it('keeps what was learnt of an instance while it stays where it is', () => {
    const closed: string[] = [];
    const table = new InstanceTable(
      (found) =>
        new Upstream(found, BREAKER, () => {
          throw new Error('not called');
        }),
      (upstream) => closed.push(upstream.origin),
    );
    expect(table.isLoaded).toBe(false);
    const [a, b] = [instance('s', 'a'), instance('s', 'b', { passing: false })];
    table.replace([b, a, instance('core', 'c', { scheme: 'tcp' })]);
    expect(table.services.map(({ name }) => name)).toEqual(['s']);
    const before = table.service('s');
    expect(before?.passing.map(({ instance: { id } }) => id)).toEqual(['a']);

    table.replace([a, { ...b, passing: true }]);
    const after = table.service('s');
    expect(after?.upstreams[0]).toBe(before?.upstreams[0]);
    expect(after?.robin).toBe(before?.robin);
    expect(after?.passing).toHaveLength(2);
    expect(closed).toEqual([]);

    table.replace([{ ...a, port: 81 }]);
    expect(closed).toEqual(['http://10.0.0.1:80', 'http://10.0.0.1:80'].map((url) => new URL(url).origin));
    table.replace([]);
    expect(table.service('s')?.passing).toEqual([]);
    expect(table.service('t')).toBeUndefined();
  });
});

describe('withoutService', () => {
  it('holds what a discovery that has just started has not heard of', () => {
    const last = [instance('a', '1'), instance('a', '2'), instance('b', '1')];
    expect(withoutService(last, [instance('a', '2')])).toEqual([instance('b', '1')]);
  });
});
