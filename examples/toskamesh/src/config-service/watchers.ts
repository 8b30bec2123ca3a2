import { Problem } from '@toskamesh/shared';
import { type ConfigDocument, type ConfigKey, describeKey } from './document.ts';

/** One that waits for a version after the one it knows. */
interface Waiting {
  readonly after: number;
  readonly resolve: (document: ConfigDocument) => void;
}

interface Topic {
  readonly key: ConfigKey;
  readonly waiting: Set<Waiting>;
}

export type ReadNewest = (key: ConfigKey) => Promise<ConfigDocument | undefined>;

/**
 * Those who wait for changes. What has perhaps changed is read once for all who wait for it, one configuration after
 * the other; what could not be read stays marked and is read later.
 */
export class Watchers {
  readonly #readNewest: ReadNewest;
  readonly #limit: number;
  readonly #topics = new Map<string, Topic>();
  /** Perhaps changed since they were read. */
  readonly #stale = new Set<Topic>();
  readonly #open = new Set<AbortController>();
  #reading = false;
  #stopped = false;

  /** @param limit - how many may watch at the same time */
  constructor(readNewest: ReadNewest, limit: number) {
    this.#readNewest = readNewest;
    this.#limit = limit;
  }

  /**
   * A place for one watcher, held until its signal is aborted: by whoever asked, or when the service stops.
   *
   * @throws Problem 503 when all places are taken
   */
  admit(): AbortController {
    if (this.#open.size >= this.#limit) {
      throw new Problem(503, 'too many watch already; try again later', { headers: { 'retry-after': '5' } });
    }
    const controller = new AbortController();
    if (this.#stopped) {
      controller.abort();
      return controller;
    }
    this.#open.add(controller);
    controller.signal.addEventListener('abort', () => this.#open.delete(controller), { once: true });
    return controller;
  }

  /**
   * The newest version as soon as it is another than `after`; undefined when the signal is aborted first. A number
   * above the newest version is of another history, as after a backup was restored: it is answered at once, too.
   *
   * @param outage - what is done when the database does not answer at the beginning
   * @throws Unavailable then, unless it is waited for
   */
  async next(
    key: ConfigKey,
    after: number,
    signal: AbortSignal,
    outage: 'throw' | 'wait' = 'throw',
  ): Promise<ConfigDocument | undefined> {
    // Waits first and reads then: a change in between would else be missed.
    const { topic, arrived, leave } = this.#wait(key, after, signal);
    try {
      const newest = await this.#readNewest(key).catch((error: unknown) => {
        if (outage === 'throw') {
          throw error;
        }
        this.#stale.add(topic);
        return undefined;
      });
      return newest !== undefined && newest.version !== after ? newest : await arrived;
    } finally {
      leave();
    }
  }

  /** @param name - as `describeKey` makes it */
  changed(name: string): void {
    const topic = this.#topics.get(name);
    if (topic !== undefined) {
      this.#stale.add(topic);
      this.readStale();
    }
  }

  /** Anything may have changed. */
  allChanged(): void {
    for (const topic of this.#topics.values()) {
      this.#stale.add(topic);
    }
    this.readStale();
  }

  readStale(): void {
    if (!this.#reading) {
      this.#reading = true;
      void this.#readAllStale().finally(() => {
        this.#reading = false;
      });
    }
  }

  stop(): void {
    this.#stopped = true;
    for (const controller of this.#open) {
      controller.abort();
    }
  }

  async #readAllStale(): Promise<void> {
    // What becomes stale meanwhile, the topic that is being read included, comes at the end of the same loop.
    for (const topic of this.#stale) {
      this.#stale.delete(topic);
      try {
        deliver(topic, await this.#readNewest(topic.key));
      } catch {
        this.#stale.add(topic);
        return;
      }
    }
  }

  #wait(key: ConfigKey, after: number, signal: AbortSignal) {
    const name = describeKey(key);
    const topic: Topic = this.#topics.get(name) ?? { key, waiting: new Set() };
    this.#topics.set(name, topic);
    let resolve: (document?: ConfigDocument) => void = () => undefined;
    const arrived = new Promise<ConfigDocument | undefined>((settle) => {
      resolve = settle;
    });
    const waiting: Waiting = { after, resolve };
    topic.waiting.add(waiting);
    const end = (): void => resolve();
    signal.addEventListener('abort', end, { once: true });
    if (signal.aborted) {
      end();
    }
    const leave = (): void => {
      signal.removeEventListener('abort', end);
      topic.waiting.delete(waiting);
      if (topic.waiting.size === 0 && this.#topics.get(name) === topic) {
        this.#topics.delete(name);
        this.#stale.delete(topic);
      }
    };
    return { topic, arrived, leave };
  }
}

/** What was read may be older than what somebody knows who came while it was read. */
function deliver({ waiting }: Topic, newest: ConfigDocument | undefined): void {
  for (const { after, resolve } of waiting) {
    if (newest !== undefined && newest.version > after) {
      resolve(newest);
    }
  }
}
