import { addressOf, describeError, httpGet, type Instance, type Logger } from '@toskamesh/shared';
import pLimit from 'p-limit';
import type { MetricWindow } from './metric-window.ts';
import { parseMetrics } from './prometheus-text.ts';

const AT_ONCE = 16;
/** Instances beyond this are left alone. */
const MAX_TARGETS = 1000;
const MAX_BYTES = 4 * 1024 * 1024;
/** An instance that serves no metrics is asked again after this time: its next version may. */
const NONE_SERVED_MS = 60_000;

/** `waiting` for its first scrape; `none` when it serves no metrics. */
export type TargetState = 'waiting' | 'up' | 'down' | 'none';

export interface Target {
  readonly instance: Instance;
  readonly state: TargetState;
  /** Why it is down. */
  readonly reason: string | undefined;
  /** Milliseconds since 1970; undefined before the first. */
  readonly scrapedAt: number | undefined;
  readonly tookMs: number | undefined;
}

export interface ScraperOptions {
  readonly list: () => Promise<readonly Instance[]>;
  readonly window: MetricWindow;
  readonly timeoutMs: number;
  readonly log: Logger;
  readonly onScrape: (state: TargetState) => void;
}

/** Asks the instances that are registered for their metrics. */
export class Scraper {
  readonly #options: ScraperOptions;
  readonly #limit = pLimit(AT_ONCE);
  readonly #underWay = new Set<string>();
  #targets: ReadonlyMap<string, Target> = new Map();

  constructor(options: ScraperOptions) {
    this.#options = options;
  }

  get targets(): readonly Target[] {
    return [...this.#targets.values()];
  }

  /**
   * Begins to scrape each instance, but those that still have not answered the last time: a slow one holds up no other.
   *
   * @throws when nothing tells which instances there are; those that are known are scraped all the same
   */
  async round(): Promise<void> {
    try {
      this.#retarget(await this.#options.list());
    } finally {
      const now = Date.now();
      for (const { instance, state, scrapedAt = 0 } of this.#targets.values()) {
        const isDue = state !== 'none' || now - scrapedAt >= NONE_SERVED_MS;
        if (isDue && !this.#underWay.has(instance.id)) {
          this.#underWay.add(instance.id);
          void this.#limit(() => this.#scrape(instance)).finally(() => this.#underWay.delete(instance.id));
        }
      }
      this.#options.window.forgetOld(now);
    }
  }

  #retarget(instances: readonly Instance[]): void {
    const wanted = instances.filter(({ scheme }) => scheme === 'http').slice(0, MAX_TARGETS);
    this.#targets = new Map(
      wanted.map((instance) => {
        const known = this.#targets.get(instance.id);
        const isSame = known?.instance.address === instance.address && known.instance.port === instance.port;
        const fresh = {
          instance,
          state: 'waiting',
          reason: undefined,
          scrapedAt: undefined,
          tookMs: undefined,
        } as const;
        return [instance.id, isSame ? { ...known, instance } : fresh];
      }),
    );
  }

  async #scrape(instance: Instance): Promise<void> {
    const begun = performance.now();
    const { state, reason } = await this.#ask(instance);
    const before = this.#targets.get(instance.id);
    if (before === undefined) {
      return;
    }
    const tookMs = Math.round(performance.now() - begun);
    const target = { ...before, state, reason, scrapedAt: Date.now(), tookMs };
    this.#targets = new Map(this.#targets).set(instance.id, target);
    this.#options.onScrape(state);
    if (state === 'down' && before.state !== 'down') {
      this.#options.log.warn({ id: instance.id, service: instance.service, reason }, 'cannot scrape');
    } else if (state === 'up' && before.state === 'down') {
      this.#options.log.info({ id: instance.id, service: instance.service }, 'can scrape again');
    }
  }

  async #ask(instance: Instance): Promise<Pick<Target, 'state' | 'reason'>> {
    const { window, timeoutMs } = this.#options;
    try {
      const headers = { accept: 'text/plain;version=0.0.4' };
      const url = new URL('/metrics', addressOf(instance));
      const { status, text } = await httpGet(url, { timeoutMs, maxBytes: MAX_BYTES, headers });
      if (status === 404) {
        return { state: 'none', reason: undefined };
      }
      if (status !== 200) {
        return { state: 'down', reason: `HTTP ${status}` };
      }
      window.add({ service: instance.service, instance: instance.id }, Date.now(), parseMetrics(text));
      return { state: 'up', reason: undefined };
    } catch (error) {
      return { state: 'down', reason: describeError(error) };
    }
  }
}
