import { describe, expect, it } from 'vitest';
import { MetricWindow } from '../../src/metrics-service/metric-window.ts';
import { overviewOf } from '../../src/metrics-service/overview.ts';
import { parseMetrics } from '../../src/metrics-service/prometheus-text.ts';
import { quantile } from '../../src/metrics-service/quantile.ts';
import { SampleRing } from '../../src/metrics-service/sample-ring.ts';

const NOW = Date.parse('2026-01-31T12:00:00Z');
const TYPES = '# TYPE http_requests_total counter\n# TYPE http_request_duration_seconds histogram\n';

const newWindow = () => new MetricWindow({ windowMs: 900_000, intervalMs: 5000 });

function scrape(window: MetricWindow, secondsAgo: number, text: string, instance = 'a'): void {
  window.add({ service: 'config', instance }, NOW - secondsAgo * 1000, parseMetrics(TYPES + text));
}

describe('overviewOf', () => {
  it('tells requests, errors, quantiles and memory of the last minute', () => {
    const window = newWindow();
    const text = (ok: number, failed: number, fast: number, slow: number) => `
http_requests_total{route="/api",code="200"} ${ok}
http_requests_total{route="/api",code="503"} ${failed}
http_requests_total{route="/health/ready",code="503"} ${ok * 100}
http_request_duration_seconds_bucket{route="/api",le="0.1"} ${fast}
http_request_duration_seconds_bucket{route="/api",le="1"} ${slow}
http_request_duration_seconds_bucket{route="/api",le="+Inf"} ${slow}
http_request_duration_seconds_bucket{route="/metrics",le="+Inf"} ${slow * 100}
process_resident_memory_bytes 1000
service_ready 1`;
    scrape(window, 50, text(100, 0, 10, 10));
    scrape(window, 0, text(190, 10, 60, 110));
    expect(overviewOf(window, 'config', new Set(['a']), NOW)).toEqual({
      instancesUp: 1,
      instancesReady: 1,
      requestsPerSecond: 2,
      errorShare: 0.1,
      p50Seconds: 0.1,
      p95Seconds: 0.91,
      p99Seconds: 0.982,
      memoryBytes: 1000,
    });
  });

  it('tells nothing that it does not know, and does not count an instance that is down as ready', () => {
    const window = newWindow();
    scrape(window, 5, 'service_ready 1\nprocess_resident_memory_bytes 5');
    expect(overviewOf(window, 'config', new Set(), NOW)).toEqual({ instancesUp: 0, instancesReady: 0 });
  });

  it('tells of one that only machines ask that it has no requests', () => {
    const window = newWindow();
    scrape(window, 5, 'http_requests_total{route="/metrics",code="200"} 7');
    expect(overviewOf(window, 'config', new Set(['a']), NOW)).toMatchObject({ requestsPerSecond: 0 });
  });

  it('adds up instances', () => {
    const window = newWindow();
    for (const instance of ['a', 'b']) {
      scrape(window, 10, 'http_requests_total{route="/x",code="200"} 0\nservice_ready 1', instance);
      scrape(window, 0, 'http_requests_total{route="/x",code="200"} 10\nservice_ready 1', instance);
    }
    expect(overviewOf(window, 'config', new Set(['a', 'b']), NOW)).toMatchObject({
      instancesReady: 2,
      requestsPerSecond: 2,
      errorShare: 0,
    });
  });

  it('counts the first requests of a route that was not there at the scrape before', () => {
    const window = newWindow();
    scrape(window, 10, 'service_ready 1');
    scrape(window, 0, 'http_requests_total{route="/new",code="500"} 5');
    expect(overviewOf(window, 'config', new Set(['a']), NOW)).toMatchObject({ requestsPerSecond: 0.5, errorShare: 1 });
  });

  it('counts what a process answered before it was scraped for the first time, unless it began long ago', () => {
    const requests = 'http_requests_total{route="/x",code="200"} 5\nprocess_start_time_seconds ';
    const [young, old] = [newWindow(), newWindow()];
    scrape(young, 0, `${requests}${NOW / 1000 - 10}`);
    scrape(old, 0, `${requests}${NOW / 1000 - 86_400}`);
    expect(overviewOf(young, 'config', new Set(['a']), NOW)).toMatchObject({ requestsPerSecond: 0.5, errorShare: 0 });
    expect(overviewOf(old, 'config', new Set(['a']), NOW)).toMatchObject({ requestsPerSecond: 0 });
  });
});

describe('quantile', () => {
  it('knows nothing of no observations', () => {
    expect(quantile(0.5, [])).toBeUndefined();
    expect(quantile(0.5, [{ le: Infinity, count: 0 }])).toBeUndefined();
  });

  it('is at most the last bound', () => {
    const buckets = [
      { le: 1, count: 1 },
      { le: Infinity, count: 10 },
    ];
    expect(quantile(0.99, buckets)).toBe(1);
  });
});

describe('MetricWindow', () => {
  it('holds no more series than it has room for, and says so', () => {
    const window = new MetricWindow({ windowMs: 3_600_000, intervalMs: 1000 });
    expect(window.maxSeries * window.samplesPerSeries).toBeLessThanOrEqual(2_000_000);
    const lines = Array.from({ length: window.maxSeries + 5 }, (_, at) => `a{n="${at}"} 1`);
    scrape(window, 0, lines.join('\n'));
    expect(window.size).toBe(window.maxSeries);
    expect(window.leftOut).toBe(5);
  });

  it('forgets what nothing was added to, and has room again', () => {
    const window = newWindow();
    scrape(window, 1000, 'old 1');
    scrape(window, 10, 'new 1');
    window.forgetOld(NOW);
    expect([...window.metricsByService()]).toEqual([['config', ['new']]]);
    expect(window.size).toBe(1);
  });

  it('takes the same labels in another order for the same series', () => {
    const window = newWindow();
    scrape(window, 5, 'a{x="1",y="2"} 1');
    scrape(window, 0, 'a{y="2",x="1"} 2');
    expect(window.select('a')).toHaveLength(1);
  });
});

describe('SampleRing', () => {
  it('keeps the newest, in order, and tells the one before a time', () => {
    const ring = new SampleRing(40);
    for (let t = 0; t < 100; t += 1) ring.push(t, t * 2);
    expect(ring.newest).toEqual({ t: 99, v: 198 });
    expect(ring.since(-1).map(({ t }) => t)).toEqual(Array.from({ length: 40 }, (_, at) => at + 60));
    expect(ring.since(97.5).map(({ t }) => t)).toEqual([97, 98, 99]);
  });
});
