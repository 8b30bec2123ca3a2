import { isCounter, type Labels, type MetricsText } from './prometheus-text.ts';
import { SampleRing } from './sample-ring.ts';

/** 16 bytes each: the samples of all series never take more than 32 MB. */
const MAX_SAMPLES = 2_000_000;
const MAX_SERIES = 20_000;

export interface Series {
  readonly metric: string;
  readonly service: string;
  readonly instance: string;
  readonly labels: Labels;
  readonly samples: SampleRing;
}

export interface Scraped {
  readonly service: string;
  readonly instance: string;
}

export interface WindowOptions {
  readonly windowMs: number;
  readonly intervalMs: number;
}

/** What was scraped in the last minutes. It holds a limited number of series: a new one beyond that is left out. */
export class MetricWindow {
  readonly windowMs: number;
  readonly maxSeries: number;
  readonly samplesPerSeries: number;
  readonly #byMetric = new Map<string, Map<string, Series>>();
  readonly #scrapedAt = new Map<string, number>();
  #size = 0;
  #leftOut = 0;

  constructor({ windowMs, intervalMs }: WindowOptions) {
    this.windowMs = windowMs;
    this.samplesPerSeries = Math.max(16, Math.ceil(windowMs / intervalMs) + 1);
    this.maxSeries = Math.min(MAX_SERIES, Math.floor(MAX_SAMPLES / this.samplesPerSeries));
  }

  get size(): number {
    return this.#size;
  }

  /** Samples of series for which there was no room. */
  get leftOut(): number {
    return this.#leftOut;
  }

  add({ service, instance }: Scraped, atMs: number, { samples, types }: MetricsText): void {
    const before = this.#scrapedAt.get(instance) ?? startOf(samples, atMs, this.windowMs);
    for (const { name, labels, value } of samples) {
      if (Number.isNaN(value)) continue;
      const known = this.#find(name, instance, labels);
      const series = known ?? this.#make({ metric: name, service, instance, labels });
      if (series === undefined) {
        this.#leftOut += 1;
        continue;
      }
      if (known === undefined && before !== undefined && isCounter(name, types)) {
        // It was not there the last time, or its process has only just begun, so it has counted from 0: its first
        // requests would be missed.
        series.samples.push(before, 0);
      }
      series.samples.push(atMs, value);
    }
    this.#scrapedAt.set(instance, atMs);
  }

  /** @param service - of all services when it is undefined */
  select(metric: string, service?: string): readonly Series[] {
    const found = [...(this.#byMetric.get(metric)?.values() ?? [])];
    return service === undefined ? found : found.filter((series) => series.service === service);
  }

  /** The names of the metrics of each service, sorted. */
  metricsByService(): ReadonlyMap<string, readonly string[]> {
    const found = new Map<string, string[]>();
    for (const metric of [...this.#byMetric.keys()].sort()) {
      for (const service of new Set(this.select(metric).map((series) => series.service))) {
        found.set(service, [...(found.get(service) ?? []), metric]);
      }
    }
    return found;
  }

  /** Drops the series that nothing was added to within the window. */
  forgetOld(nowMs: number): void {
    const oldest = nowMs - this.windowMs;
    for (const [metric, all] of this.#byMetric) {
      for (const [key, { samples }] of all) {
        if ((samples.newest?.t ?? 0) < oldest) {
          all.delete(key);
          this.#size -= 1;
        }
      }
      if (all.size === 0) this.#byMetric.delete(metric);
    }
    for (const [instance, atMs] of this.#scrapedAt) {
      if (atMs < oldest) this.#scrapedAt.delete(instance);
    }
  }

  #find(metric: string, instance: string, labels: Labels): Series | undefined {
    return this.#byMetric.get(metric)?.get(keyOf(instance, labels));
  }

  #make(head: Omit<Series, 'samples'>): Series | undefined {
    if (this.#size >= this.maxSeries) {
      return undefined;
    }
    const series = { ...head, samples: new SampleRing(this.samplesPerSeries) };
    const all = this.#byMetric.get(head.metric) ?? new Map<string, Series>();
    this.#byMetric.set(head.metric, all.set(keyOf(head.instance, head.labels), series));
    this.#size += 1;
    return series;
  }
}

/** When a process began that is scraped for the first time, in ms since 1970, unless that is long ago. */
function startOf(samples: MetricsText['samples'], nowMs: number, windowMs: number): number | undefined {
  const startedAt = (samples.find(({ name }) => name === 'process_start_time_seconds')?.value ?? 0) * 1000;
  // It is told in whole seconds, and may be rounded up.
  return startedAt < nowMs && startedAt > nowMs - windowMs ? startedAt : undefined;
}

function keyOf(instance: string, labels: Labels): string {
  return JSON.stringify([instance, Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))]);
}
