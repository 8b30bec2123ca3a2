import { Problem } from '@toskamesh/shared';

export interface SlotLimits {
  readonly running: number;
  readonly waiting: number;
}

/** Does work a few at a time and in turn; what does not fit the queue is refused at once. */
export class WorkSlots {
  readonly #limits: SlotLimits;
  readonly #queue: (() => void)[] = [];
  #running = 0;

  constructor(limits: SlotLimits) {
    this.#limits = limits;
  }

  /** @throws Problem 503 when too many wait already */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running < this.#limits.running) {
      this.#running += 1;
    } else {
      await this.#turn();
    }
    try {
      return await work();
    } finally {
      const next = this.#queue.shift();
      // The slot goes to the next in line without ever being free.
      if (next === undefined) {
        this.#running -= 1;
      } else {
        next();
      }
    }
  }

  #turn(): Promise<void> {
    if (this.#queue.length >= this.#limits.waiting) {
      throw new Problem(503, 'too many passwords are being checked; try again', { headers: { 'retry-after': '1' } });
    }
    return new Promise((resolve) => {
      this.#queue.push(resolve);
    });
  }
}
