import { addressOf, type Instance } from '@toskamesh/shared';
import type { Dispatcher } from 'undici';
import { type BreakerOptions, CircuitBreaker } from './circuit-breaker.ts';

/** Makes the connections to one origin, such as `http://10.0.0.7:80`. */
export type OpenPool = (origin: string) => Dispatcher;

/** One instance that requests are sent to: its connections, its breaker, and what became of the requests. */
export class Upstream {
  readonly breaker: CircuitBreaker;
  readonly origin: string;
  instance: Instance;
  requests = 0;
  failures = 0;
  inFlight = 0;
  readonly #openPool: OpenPool;
  #pool: Dispatcher | undefined;

  constructor(instance: Instance, breaker: BreakerOptions, openPool: OpenPool) {
    this.instance = instance;
    this.origin = addressOf(instance).origin;
    this.breaker = new CircuitBreaker(breaker);
    this.#openPool = openPool;
  }

  dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): void {
    this.#pool ??= this.#openPool(this.origin);
    this.#pool.dispatch(options, handler);
  }

  /** Requests that are under way are finished. */
  async close(): Promise<void> {
    await this.#pool?.close();
  }
}
