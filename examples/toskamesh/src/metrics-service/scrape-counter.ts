import { Counter, type Registry } from 'prom-client';
import type { TargetState } from './scraper.ts';

/** Tells Prometheus, too, how the scrapes went. */
export function scrapeCounter(registry: Registry): (state: TargetState) => void {
  const scrapes = new Counter({
    name: 'metrics_scrapes_total',
    help: 'Scrapes of other services, by what came of them.',
    labelNames: ['state'],
    registers: [registry],
  });
  return (state) => scrapes.inc({ state });
}
