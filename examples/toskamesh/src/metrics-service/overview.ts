import type { MetricWindow, Series } from './metric-window.ts';
import { quantile } from './quantile.ts';
import { increase, rate } from './range-query.ts';
import type { Point } from './sample-ring.ts';

/** Long enough to hold several scrapes, short enough to show what happens now. */
export const OVERVIEW_MS = 60_000;

/** Asked by machines every few seconds: they would hide what people do. */
const MACHINE_ROUTES = new Set(['/health', '/health/live', '/health/ready', '/metrics']);

/** What is told of a service, and what is kept of it, a row a minute each. */
export const OVERVIEW_METRICS = [
  'instancesUp',
  'instancesReady',
  'requestsPerSecond',
  'errorShare',
  'p50Seconds',
  'p95Seconds',
  'p99Seconds',
  'memoryBytes',
] as const;
export type OverviewMetric = (typeof OVERVIEW_METRICS)[number];

/** A metric is missing when nothing tells it, as quantiles of no requests. */
export type ServiceOverview = Readonly<Partial<Record<OverviewMetric, number>>>;

/**
 * One service as its last minute was.
 *
 * @param up - the instances whose last scrape worked
 */
export function overviewOf(
  window: MetricWindow,
  service: string,
  up: ReadonlySet<string>,
  nowMs: number,
): ServiceOverview {
  const from = nowMs - OVERVIEW_MS;
  const select = (metric: string) => window.select(metric, service).filter(({ labels }) => isForPeople(labels.route));
  // With the sample before the minute, from which its first one has grown, unless that is of long ago.
  const recent = ({ samples }: Series) => samples.since(from).filter(({ t }) => t >= from - OVERVIEW_MS);
  const latest = (metric: string) =>
    select(metric)
      .filter(({ instance }) => up.has(instance))
      .map(({ samples }) => samples.newest?.v ?? 0);

  const requests = select('http_requests_total').map((series) => ({ series, points: recent(series) }));
  const all = sum(requests.map(({ points }) => increase(points)));
  const failed = sum(
    requests.filter(({ series }) => series.labels.code?.startsWith('5')).map(({ points }) => increase(points)),
  );
  const buckets = bucketsOf(select('http_request_duration_seconds_bucket'), recent);
  const memory = latest('process_resident_memory_bytes');
  const found: Record<OverviewMetric, number | undefined> = {
    instancesUp: up.size,
    instancesReady: sum(latest('service_ready')),
    requestsPerSecond: requests.length === 0 ? undefined : sum(requests.map(({ points }) => rate(points) ?? 0)),
    errorShare: all === 0 ? undefined : failed / all,
    p50Seconds: quantile(0.5, buckets),
    p95Seconds: quantile(0.95, buckets),
    p99Seconds: quantile(0.99, buckets),
    memoryBytes: memory.length === 0 ? undefined : sum(memory),
  };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
}

/** The buckets of all routes and instances added up: quantiles cannot be. */
function bucketsOf(all: readonly Series[], recent: (series: Series) => readonly Point[]) {
  const counts = new Map<number, number>();
  for (const series of all) {
    const le = series.labels.le === '+Inf' ? Infinity : Number(series.labels.le);
    counts.set(le, (counts.get(le) ?? 0) + increase(recent(series)));
  }
  return [...counts].map(([le, count]) => ({ le, count }));
}

function isForPeople(route: string | undefined): boolean {
  return route === undefined || !MACHINE_ROUTES.has(route);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
