import type { MetricWindow } from './metric-window.ts';
import { overviewOf, type ServiceOverview } from './overview.ts';
import type { Target } from './scraper.ts';

export interface LiveService {
  readonly service: string;
  /** Its instances, up or down. */
  readonly known: number;
  readonly overview: ServiceOverview;
}

/** The services that are scraped now, each as its last minute was. Those that serve no metrics are left out. */
export function liveServices(targets: readonly Target[], window: MetricWindow, nowMs: number): readonly LiveService[] {
  const byService = new Map<string, Target[]>();
  for (const target of targets) {
    if (target.state === 'up' || target.state === 'down') {
      const { service } = target.instance;
      byService.set(service, [...(byService.get(service) ?? []), target]);
    }
  }
  return [...byService].map(([service, all]) => {
    const up = new Set(all.filter(({ state }) => state === 'up').map(({ instance }) => instance.id));
    return { service, known: all.length, overview: overviewOf(window, service, up, nowMs) };
  });
}
