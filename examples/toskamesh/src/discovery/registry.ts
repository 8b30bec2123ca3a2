import { type Instance, type ListedInstance, type Logger, Problem, TTL_SECONDS, Unavailable } from '@toskamesh/shared';
import { Observer } from './observer.ts';
import type { Store } from './store.ts';
import { Watchers, type WatchStream } from './watchers.ts';

/** Far more than a mesh of this kind has, and little enough to hold in memory. */
const MAX_INSTANCES = 2000;

export type RegistryEvent = 'instance.registered' | 'instance.deregistered' | 'instance.changed' | 'instance.expired';

export interface RegistryOptions {
  readonly store: Store;
  /** Tells the rest of the mesh, at once or never. */
  readonly publish: (event: RegistryEvent, content: object) => void;
  readonly log: Logger;
}

/** Who is there, and the rules of being there: the same ones whether they come by HTTP or by gRPC. */
export class Registry {
  readonly ttlSeconds = TTL_SECONDS;
  readonly #options: RegistryOptions;
  readonly #watchers: Watchers;
  readonly #observer: Observer;

  constructor(options: RegistryOptions) {
    this.#options = options;
    this.#watchers = new Watchers(options.log);
    this.#observer = new Observer({
      store: options.store,
      onClear: (list) => this.#watchers.publish(list.filter(isCallable).map(told)),
      onExpired: (expired) => this.#tellExpired(expired),
    });
  }

  get facts(): Readonly<Record<string, unknown>> {
    return {
      registry: this.#options.store.kind,
      instances: this.#observer.latest.length,
      watchers: this.#watchers.count,
    };
  }

  start(): void {
    this.#observer.start();
  }

  /** Looks now instead of within the next second. */
  poke(): void {
    void this.#observer.refresh();
  }

  /** @throws Unavailable, and Problem 503 when the registry is full */
  async register(instance: Instance): Promise<void> {
    const { store, publish, log } = this.#options;
    const { id, service, address, port, passing } = instance;
    if (this.#observer.latest.length >= MAX_INSTANCES && this.#known(id) === undefined) {
      throw new Problem(503, `the registry holds ${MAX_INSTANCES} instances already`);
    }
    await store.register(instance).catch(unavailable);
    log.info({ id, instanceOf: service, address: `${address}:${port}`, passing }, 'instance registered');
    publish('instance.registered', { id, service, address, port, passing });
    await this.#replaceAt(instance);
    this.poke();
  }

  /**
   * @param passing - false for an instance that lives but cannot work
   * @returns false when there is no such instance: it has to register again
   */
  async heartbeat(id: string, passing: boolean): Promise<boolean> {
    const before = this.#known(id);
    const known = await this.#options.store.heartbeat(id, passing).catch(unavailable);
    if (known !== (before !== undefined)) {
      this.poke();
    } else if (known && before !== undefined && before.passing !== passing) {
      this.#options.log.info({ id, instanceOf: before.service, passing }, 'instance changed');
      this.#options.publish('instance.changed', { id, service: before.service, passing });
      this.poke();
    }
    return known;
  }

  /** @returns false when there was no such instance */
  async deregister(id: string): Promise<boolean> {
    const service = this.#known(id)?.service;
    const known = await this.#options.store.deregister(id).catch(unavailable);
    if (known) {
      this.#options.log.info({ id, instanceOf: service }, 'instance deregistered');
      this.#options.publish('instance.deregistered', { id, service });
      this.poke();
    }
    return known;
  }

  /** All instances, those that cannot be called too. */
  async list(): Promise<readonly Instance[]> {
    const list = await this.#observer.current();
    return list.map(told);
  }

  /** The instances of a service that can be called. */
  async resolve(service: string): Promise<readonly Instance[]> {
    const list = await this.#observer.current();
    return list.filter((instance) => instance.service === service && isCallable(instance)).map(told);
  }

  /** Some instance of a service that could be called a second ago at most. */
  locate(service: string): Instance | undefined {
    const found = this.#observer.latest.filter((instance) => instance.service === service && isCallable(instance));
    return found[Math.floor(Math.random() * found.length)];
  }

  /**
   * Sends what `resolve` would answer, now and after each change. While the store is away nothing is sent.
   *
   * @param service - empty for all services
   * @returns a function that ends it
   */
  async watch(service: string, stream: WatchStream): Promise<() => void> {
    await this.#observer.current();
    return this.#watchers.add(service, stream);
  }

  async stop(): Promise<void> {
    this.#watchers.end();
    await this.#observer.stop();
  }

  /**
   * Another service that was at the address before is gone, perhaps without a word: containers that are made anew get the
   * addresses of others. Until it expired, it would be called, and somebody else would answer.
   */
  async #replaceAt({ service, address, port }: Instance): Promise<void> {
    const gone = this.#observer.latest.filter(
      (other) => other.service !== service && other.address === address && other.port === port,
    );
    await Promise.all(gone.map((other) => this.deregister(other.id)));
  }

  #known(id: string): ListedInstance | undefined {
    return this.#observer.latest.find((instance) => instance.id === id);
  }

  /** Each replica sees an instance expire, so each tells of it: whoever listens may hear it more than once. */
  #tellExpired(expired: readonly ListedInstance[]): void {
    for (const { id, service, address, port } of expired) {
      this.#options.log.warn({ id, instanceOf: service }, 'instance expired');
      this.#options.publish('instance.expired', { id, service, address, port });
    }
  }
}

function isCallable({ passing, silent }: ListedInstance): boolean {
  return passing && !silent;
}

function told({ silent: _, ...instance }: ListedInstance): Instance {
  return instance;
}

function unavailable(error: unknown): never {
  throw new Unavailable('the registry', error);
}
