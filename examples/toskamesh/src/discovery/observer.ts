import { type ListedInstance, Unavailable } from '@toskamesh/shared';
import { afterFailure, afterRead, type Sight } from './sight.ts';
import type { Store } from './store.ts';

/**
 * Finds expiries and what other replicas wrote. Asking is cheaper than it looks: Consul's agent answers from memory, and
 * one reader serves all watchers. A blocking query would be quicker by half a second, but its index starts anew whenever
 * Consul does.
 */
const POLL_MS = 1000;

export interface ObserverOptions {
  readonly store: Store;
  readonly onClear: (list: readonly ListedInstance[]) => void;
  readonly onExpired: (expired: readonly ListedInstance[]) => void;
}

/** Reads the registry: each second, and whenever it is asked to. */
export class Observer {
  readonly #options: ObserverOptions;
  #sight: Sight = { kind: 'unseen' };
  #failure: unknown;
  #last: Promise<void> = Promise.resolve();
  #queued: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(options: ObserverOptions) {
    this.#options = options;
  }

  /** What was read last, which may have changed since. */
  get latest(): readonly ListedInstance[] {
    switch (this.#sight.kind) {
      case 'unseen':
        return [];
      case 'clear':
        return this.#sight.list;
      default:
        return this.#sight.last;
    }
  }

  start(): void {
    void this.refresh().then(() => {
      if (!this.#stopped) {
        this.#timer = setTimeout(() => this.start(), POLL_MS);
      }
    });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#last;
  }

  /**
   * What the registry holds at this moment.
   *
   * @throws Unavailable rather than a list that may lack somebody
   */
  async current(): Promise<readonly ListedInstance[]> {
    await this.refresh();
    switch (this.#sight.kind) {
      case 'clear':
        return this.#sight.list;
      case 'settling':
        throw new Unavailable('the registry, whose instances are coming back,');
      default:
        throw new Unavailable('the registry', this.#failure);
    }
  }

  /** A read that begins after this call, so that it sees all that was written before. Callers share it. */
  refresh(): Promise<void> {
    if (this.#queued === undefined) {
      this.#queued = this.#last.then(() => {
        this.#queued = undefined;
        return this.#read();
      });
      this.#last = this.#queued;
    }
    return this.#queued;
  }

  async #read(): Promise<void> {
    const { store, onClear, onExpired } = this.#options;
    const list = await store.list().catch((error: unknown) => {
      this.#failure = error;
    });
    if (list === undefined) {
      this.#sight = afterFailure(this.#sight);
      return;
    }
    const { sight, expired } = afterRead(this.#sight, list, performance.now());
    this.#sight = sight;
    if (sight.kind === 'clear') {
      onClear(sight.list);
    }
    if (expired.length > 0) {
      onExpired(expired);
    }
  }
}
