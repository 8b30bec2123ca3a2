import { Counter, Gauge, type Registry } from 'prom-client';
import type { InstanceTable } from './instance-table.ts';

/** What the gateway tells Prometheus beside what every web service does. */
export class GatewayMetrics {
  readonly #requests: Counter<'upstream' | 'code'>;
  readonly #retries: Counter<'upstream'>;

  constructor(registry: Registry, table: InstanceTable) {
    const registers = [registry];
    this.#requests = new Counter({
      name: 'gateway_upstream_requests_total',
      help: 'Attempts by service; the code is the status of the answer, or how the attempt failed without one.',
      labelNames: ['upstream', 'code'],
      registers,
    });
    this.#retries = new Counter({
      name: 'gateway_retries_total',
      help: 'Attempts on another instance after a failed one.',
      labelNames: ['upstream'],
      registers,
    });
    new Gauge({
      name: 'gateway_breaker_open',
      help: 'Instances of a service that get no requests because they failed.',
      labelNames: ['upstream'],
      registers,
      collect() {
        this.reset();
        const now = Date.now();
        for (const { name, upstreams } of table.services) {
          this.set({ upstream: name }, upstreams.filter(({ breaker }) => breaker.state(now) !== 'closed').length);
        }
      },
    });
  }

  attempt(upstream: string, code: string): void {
    this.#requests.inc({ upstream, code });
  }

  retry(upstream: string): void {
    this.#retries.inc({ upstream });
  }
}
