import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** Seconds; from what a local answer takes to what a caller gives up after. */
const DURATION_BUCKETS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/** What each web service tells Prometheus about its requests. Services add theirs to `registry`. */
export class ServiceMetrics {
  readonly registry = new Registry();
  readonly #requests: Counter<'method' | 'route' | 'code'>;
  readonly #durations: Histogram<'method' | 'route'>;

  constructor(service: string, isReady: () => boolean) {
    this.registry.setDefaultLabels({ service });
    collectDefaultMetrics({ register: this.registry });
    const registers = [this.registry];
    this.#requests = new Counter({
      name: 'http_requests_total',
      help: 'Requests answered.',
      labelNames: ['method', 'route', 'code'],
      registers,
    });
    this.#durations = new Histogram({
      name: 'http_request_duration_seconds',
      help: 'Time from the request to the end of its answer.',
      labelNames: ['method', 'route'],
      buckets: DURATION_BUCKETS,
      registers,
    });
    new Gauge({
      name: 'service_ready',
      help: 'Whether every dependency answers.',
      registers,
      collect() {
        this.set(isReady() ? 1 : 0);
      },
    });
  }

  /** `route` is the pattern and not the path: a label with a value for each user would never end. */
  observe(method: string, route: string, code: number, seconds: number): void {
    this.#requests.inc({ method, route, code });
    this.#durations.observe({ method, route }, seconds);
  }
}
