import type { Instance, Logger } from '@toskamesh/shared';
import pLimit from 'p-limit';
import type { Limits } from './limits.ts';
import { probe } from './probe.ts';
import { type Change, listed, probed, unlisted, type Watched, watch } from './watched.ts';

const AT_ONCE = 64;
/** The longest that one which has just registered waits for its first probe. */
const LOOK_EVERY_MS = 5000;
/** Instances beyond this are not watched. */
const MAX_WATCHED = 2000;

export interface MonitorOptions {
  readonly list: () => Promise<readonly Instance[]>;
  readonly limits: Limits;
  readonly log: Logger;
}

type Listener = (watched: Watched, change: Change) => void;

/** Watches the instances that are registered: what they were found to be, and every change of it. */
export class Monitor {
  readonly #options: MonitorOptions;
  readonly #limit = pLimit(AT_ONCE);
  readonly #listeners: Listener[] = [];
  readonly #watched = new Map<string, Watched>();
  /** When each was last begun to be probed. */
  readonly #begun = new Map<string, number>();
  readonly #underWay = new Set<string>();
  #isOver = false;

  constructor(options: MonitorOptions) {
    this.#options = options;
  }

  /** From the beginning of one round to that of the next, in milliseconds. */
  get roundEveryMs(): number {
    return Math.min(this.#options.limits.intervalMs, LOOK_EVERY_MS);
  }

  /** Sorted by service and id. */
  get watched(): readonly Watched[] {
    const key = ({ instance }: Watched): string => `${instance.service}\n${instance.id}`;
    return [...this.#watched.values()].sort((a, b) => (key(a) < key(b) ? -1 : 1));
  }

  find(id: string): Watched | undefined {
    return this.#watched.get(id);
  }

  onChange(listener: Listener): void {
    this.#listeners.push(listener);
  }

  /**
   * Looks at what is registered and begins to probe what is due; it does not wait for the answers, so that a slow
   * instance delays no other. None is probed twice at once.
   *
   * @throws when the registry does not answer: then those that are known are probed, and none is gone
   */
  async round(): Promise<void> {
    try {
      this.#reconcile(await this.#options.list());
    } finally {
      for (const { instance, status } of this.#watched.values()) {
        if (status !== 'gone') this.#probeWhenDue(instance.id);
      }
    }
  }

  /** Answers that come later change nothing. */
  stop(): void {
    this.#isOver = true;
    this.#limit.clearQueue();
  }

  #reconcile(instances: readonly Instance[]): void {
    const now = Date.now();
    const present = new Map(instances.slice(0, MAX_WATCHED).map((instance) => [instance.id, instance]));
    for (const [id, watched] of this.#watched) {
      const instance = present.get(id);
      const next = instance === undefined ? unlisted(watched, now) : listed(watched, instance, now);
      if (next === undefined) {
        this.#watched.delete(id);
        this.#begun.delete(id);
      } else {
        this.#keep(next);
      }
    }
    for (const [id, instance] of present) {
      if (!this.#watched.has(id) && this.#watched.size < MAX_WATCHED) {
        this.#watched.set(id, watch(instance, now));
      }
    }
  }

  #probeWhenDue(id: string): void {
    const now = Date.now();
    // The round that is nearest to the interval: timers are never quite in time.
    const intervalMs = this.#options.limits.intervalMs - this.roundEveryMs / 2;
    const isDue = now - (this.#begun.get(id) ?? 0) >= intervalMs;
    if (isDue && !this.#underWay.has(id)) {
      this.#begun.set(id, now);
      this.#underWay.add(id);
      void this.#limit(() => this.#probe(id)).finally(() => this.#underWay.delete(id));
    }
  }

  async #probe(id: string): Promise<void> {
    const { limits } = this.#options;
    const asked = this.#watched.get(id)?.instance;
    if (asked === undefined) {
      return;
    }
    const result = await probe(asked, limits);
    const watched = this.#watched.get(id);
    if (watched !== undefined && !this.#isOver) {
      this.#keep(probed(watched, result, limits.thresholds, Date.now()));
    }
  }

  #keep(next: Watched): void {
    const { instance, status, history } = next;
    const before = this.#watched.get(instance.id);
    this.#watched.set(instance.id, next);
    const change = history[0];
    if (before === undefined || before.status === status || change === undefined) {
      return;
    }
    const { from, to, reason } = change;
    const level = to === 'healthy' || to === 'unknown' ? 'info' : 'warn';
    this.#options.log[level]({ id: instance.id, from, to, reason }, 'changed');
    for (const listener of this.#listeners) {
      listener(next, change);
    }
  }
}
