import { describeError } from './errors.ts';
import type { Logger } from './log.ts';

const RECHECK_MS = 2000;
const FIRST_RETRY_MS = 50;
const LAST_RETRY_MS = 1000;
/** Servers start within this time; asking every 50 ms meanwhile is what lets readiness follow at once. */
const EAGER_MS = 30_000;

export type Check = 'ok' | 'starting' | (string & {});

export interface DependencyOptions {
  readonly name: string;
  /** Resolves when the dependency answers. It must end by itself: it has its own time-outs. */
  readonly probe: () => Promise<void>;
  readonly log: Logger;
}

/** The pause before the next try of an outage that began `downForMs` ago. */
export function retryDelay(downForMs: number, previousMs: number): number {
  return downForMs < EAGER_MS ? FIRST_RETRY_MS : Math.min(LAST_RETRY_MS, previousMs * 1.5);
}

/** Something this service needs, asked again and again for as long as the service lives. */
export class Dependency {
  readonly name: string;
  readonly #options: DependencyOptions;
  readonly #listeners: ((check: Check) => void)[] = [];
  #check: Check = 'starting';
  #stopped = false;
  #poked = false;
  #wake: (() => void) | undefined;
  #loop: Promise<void> | undefined;

  constructor(options: DependencyOptions) {
    this.name = options.name;
    this.#options = options;
  }

  get check(): Check {
    return this.#check;
  }

  get ok(): boolean {
    return this.#check === 'ok';
  }

  onChange(listener: (check: Check) => void): void {
    this.#listeners.push(listener);
  }

  start(): void {
    this.#loop ??= this.#run();
  }

  /** Asks now instead of at the next turn, as when a connection has just broken. */
  poke(): void {
    this.#poked = true;
    this.#wake?.();
  }

  /** For a loss that was seen, such as a closed connection: unready at once, then asked again. */
  lost(why: unknown): void {
    if (!this.#stopped) {
      this.#set(describeError(why));
      this.poke();
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.poke();
    await this.#loop;
  }

  async #run(): Promise<void> {
    let downSince = Date.now();
    let delay = FIRST_RETRY_MS;
    while (!this.#stopped) {
      const wasOk = this.ok;
      this.#poked = false;
      try {
        await this.#options.probe();
        this.#set('ok');
        delay = FIRST_RETRY_MS;
      } catch (error) {
        this.#set(describeError(error));
        downSince = wasOk ? Date.now() : downSince;
        delay = retryDelay(Date.now() - downSince, delay);
      }
      // What was told during the probe it may not have seen.
      await this.#pause(this.#poked ? FIRST_RETRY_MS : this.ok ? RECHECK_MS : delay);
    }
  }

  #set(check: Check): void {
    const before = this.#check;
    if (before === check || this.#stopped) {
      return;
    }
    this.#check = check;
    // Each new reason is told once, not each of the tries that meet it.
    if (check === 'ok') {
      this.#options.log.info(`${this.name} answers`);
    } else {
      this.#options.log.warn({ reason: check }, `${this.name} does not answer`);
    }
    for (const listener of this.#listeners) {
      listener(check);
    }
  }

  #pause(ms: number): Promise<void> {
    if (this.#stopped) {
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      const timer = setTimeout(done, ms);
      function done(): void {
        clearTimeout(timer);
        resolve();
      }
      this.#wake = done;
    });
  }
}
