import { setTimeout as sleep } from 'node:timers/promises';
import { type DiscoveryClient, describeError, type Instance, type InstanceList, type Logger } from '@toskamesh/shared';
import type { InstanceTable } from './instance-table.ts';

const FIRST_PAUSE_MS = 100;
const LAST_PAUSE_MS = 2000;
/** Instances send a heartbeat every two seconds, and register again when discovery does not know them. */
const HOLD_MS = 10_000;

export interface TableFeedOptions {
  readonly discovery: DiscoveryClient;
  readonly token: () => Promise<string>;
  readonly table: InstanceTable;
  readonly log: Logger;
  /** The stream has ended or failed: something to look into at once. */
  readonly onLost: () => void;
}

/** Keeps the table as discovery's stream says, and as it was last while there is no stream. */
export class TableFeed {
  readonly #options: TableFeedOptions;
  readonly #stopped = new AbortController();
  #loop: Promise<void> | undefined;
  #isLive = false;
  #holdTimer: NodeJS.Timeout | undefined;
  #lists = 0;
  #latest: readonly Instance[] = [];

  constructor(options: TableFeedOptions) {
    this.#options = options;
  }

  /** Whether the table is what discovery says now, and not what it said last. */
  get isLive(): boolean {
    return this.#isLive;
  }

  /** How many lists have come. */
  get lists(): number {
    return this.#lists;
  }

  start(): void {
    this.#loop ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    clearTimeout(this.#holdTimer);
    await this.#loop;
  }

  async #run(): Promise<void> {
    const { discovery, token, log, onLost } = this.#options;
    const { signal } = this.#stopped;
    let pause = FIRST_PAUSE_MS;
    while (!signal.aborted) {
      let reason = 'the stream ended';
      try {
        await discovery.watch('', await token(), (list) => this.#receive(list), signal);
      } catch (error) {
        reason = describeError(error);
      }
      if (signal.aborted) {
        return;
      }
      if (this.#isLive) {
        this.#isLive = false;
        pause = FIRST_PAUSE_MS;
        log.warn({ reason }, 'discovery is away: routing by the last table');
        onLost();
      }
      // Ended early by a stop.
      await sleep(pause, undefined, { signal }).catch(() => undefined);
      pause = Math.min(LAST_PAUSE_MS, pause * 2);
    }
  }

  #receive({ instances }: InstanceList): void {
    const { table, log } = this.#options;
    this.#lists += 1;
    this.#latest = instances;
    if (!this.#isLive && table.isLoaded) {
      this.#hold();
    }
    const held = this.#holdTimer === undefined ? [] : withoutService(table.instances, instances);
    table.replace([...instances, ...held]);
    if (!this.#isLive) {
      this.#isLive = true;
      log.info({ instances: instances.length, held: held.length }, 'routing by what discovery says');
    }
  }

  /** For a while after an outage; then only what discovery says counts. */
  #hold(): void {
    clearTimeout(this.#holdTimer);
    this.#holdTimer = setTimeout(() => {
      this.#holdTimer = undefined;
      // While discovery is away again there is nothing better than what is held.
      if (this.#isLive) {
        this.#options.table.replace(this.#latest);
      }
    }, HOLD_MS);
  }
}

/**
 * Those of the last table whose service the new list does not have at all. A discovery that keeps its registry in
 * memory knows nobody when it has just started: until its instances have registered again, the old ones are right.
 */
export function withoutService(last: readonly Instance[], list: readonly Instance[]): readonly Instance[] {
  const services = new Set(list.map(({ service }) => service));
  return last.filter(({ service }) => !services.has(service));
}
