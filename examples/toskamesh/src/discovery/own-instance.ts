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
  #beat: Promise<void> = Promise.resolve();

  constructor(options: OwnInstanceOptions) {
    this.#options = options;
  }

  start(): void {
    this.#beat = this.#keep();
    this.#timer = setInterval(() => {
      this.#beat = this.#keep();
    }, HEARTBEAT_MS);
  }

  async remove(): Promise<void> {
    clearInterval(this.#timer);
    await this.#beat;
    const { registry, instance, log } = this.#options;
    await registry.deregister(instance.id).catch((error: unknown) => {
      log.warn({ reason: describeError(error) }, 'could not deregister');
    });
  }

  async #keep(): Promise<void> {
    const { registry, instance, isReady } = this.#options;
    const passing = isReady();
    try {
      if (!(await registry.heartbeat(instance.id, passing))) {
        await registry.register({ ...instance, passing });
      }
    } catch {
      // That the store is away is told elsewhere, and the next heartbeat comes soon.
    }
  }
}
