import { describeError, type Instance, type Logger } from '@toskamesh/shared';
import type { Registry } from './registry.ts';

const HEARTBEAT_MS = 2000;

export interface OwnInstanceOptions {
  readonly instance: Omit<Instance, 'passing'>;
  readonly isReady: () => boolean;
  readonly registry: Registry;
  readonly log: Logger;
}

/** Keeps discovery itself in its registry, so that whoever looks there for all services finds it, too. */
export class OwnInstance {
  readonly #options: OwnInstanceOptions;
  #timer: NodeJS.Timeout | undefined;
  #beats: Promise<void> = Promise.resolve();
  #removed = false;

  constructor(options: OwnInstanceOptions) {
    this.#options = options;
  }

  start(): void {
    this.beat();
    this.#timer = setInterval(() => this.beat(), HEARTBEAT_MS);
  }

  /** Says now whether it is ready. */
  beat(): void {
    this.#beats = this.#beats.then(() => this.#keep());
  }

  async remove(): Promise<void> {
    this.#removed = true;
    clearInterval(this.#timer);
    await this.#beats;
    const { registry, instance, log } = this.#options;
    await registry.deregister(instance.id).catch((error: unknown) => {
      log.warn({ reason: describeError(error) }, 'could not deregister');
    });
  }

  async #keep(): Promise<void> {
    const { registry, instance, isReady } = this.#options;
    const passing = isReady();
    try {
      if (!this.#removed && !(await registry.heartbeat(instance.id, passing))) {
        await registry.register({ ...instance, passing });
      }
    } catch {
      // That the store is away is told elsewhere, and the next heartbeat comes soon.
    }
  }
}
