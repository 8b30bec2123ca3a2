import { type Instance, type Logger, Problem } from '@toskamesh/shared';

/** One for each service that calls others would do; the rest is room for many replicas. */
const MAX_WATCHERS = 1000;
/** A watcher that takes longer to accept a list is as good as gone. */
const STUCK_MS = 30_000;

export interface WatchStream {
  /** Calls `accepted` once the list has left this process, which is when the next may be sent. */
  send(instances: readonly Instance[], accepted: () => void): void;
  end(): void;
}

/** The instances of one service, or of all, with a text that differs when they do. */
interface Callable {
  readonly instances: readonly Instance[];
  readonly key: string;
}

interface Watcher {
  readonly service: string;
  readonly stream: WatchStream;
  /** The list that it has, or is about to have. */
  sentKey: string | undefined;
  /** When the list that it has not yet accepted was sent. */
  busySince: number | undefined;
}

/** Those that hear of each change. A slow one misses what lay between; what waits for it is never more than one list. */
export class Watchers {
  readonly #log: Logger;
  readonly #watchers = new Set<Watcher>();
  readonly #callable = new Map<string, Callable>();

  constructor(log: Logger) {
    this.#log = log;
  }

  /** How many there are. */
  get count(): number {
    return this.#watchers.size;
  }

  /**
   * Sends what was published last, and all that follows.
   *
   * @param service - empty for all services
   * @returns a function that takes the watcher away
   * @throws Problem 503 when there are too many
   */
  add(service: string, stream: WatchStream): () => void {
    if (this.#watchers.size >= MAX_WATCHERS) {
      throw new Problem(503, `there are ${MAX_WATCHERS} watchers already; try again`);
    }
    const watcher: Watcher = { service, stream, sentKey: undefined, busySince: undefined };
    this.#watchers.add(watcher);
    this.#offer(watcher);
    return () => void this.#watchers.delete(watcher);
  }

  /** @param instances - all that can be called */
  publish(instances: readonly Instance[]): void {
    const sorted = [...instances].sort((a, b) => (a.id < b.id ? -1 : 1));
    const all = callable(sorted);
    if (all.key !== this.#callable.get('')?.key) {
      this.#callable.clear();
      for (const [service, own] of groupByService(sorted)) {
        this.#callable.set(service, callable(own));
      }
      this.#callable.set('', all);
    }
    for (const watcher of this.#watchers) {
      this.#offer(watcher);
    }
  }

  end(): void {
    for (const { stream } of this.#watchers) {
      stream.end();
    }
    this.#watchers.clear();
  }

  #offer(watcher: Watcher): void {
    const { service, stream, sentKey, busySince } = watcher;
    if (busySince !== undefined) {
      if (performance.now() - busySince > STUCK_MS) {
        this.#log.warn({ watched: service }, 'a watcher accepts nothing: dropped');
        this.#watchers.delete(watcher);
        stream.end();
      }
      return;
    }
    const { instances, key } = this.#callable.get(service) ?? callable([]);
    if (key === sentKey) {
      return;
    }
    watcher.sentKey = key;
    watcher.busySince = performance.now();
    stream.send(instances, () => {
      watcher.busySince = undefined;
      if (this.#watchers.has(watcher)) {
        this.#offer(watcher);
      }
    });
  }
}

function callable(instances: readonly Instance[]): Callable {
  return { instances, key: JSON.stringify(instances) };
}

function groupByService(instances: readonly Instance[]): ReadonlyMap<string, readonly Instance[]> {
  const groups = new Map<string, Instance[]>();
  for (const instance of instances) {
    const group = groups.get(instance.service) ?? [];
    group.push(instance);
    groups.set(instance.service, group);
  }
  return groups;
}
