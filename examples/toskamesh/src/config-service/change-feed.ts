import { type Database, Dependency, type Logger, within } from '@toskamesh/shared';
import type pg from 'pg';
import { CHANNEL } from './config-store.ts';

const ANSWER_MS = 2000;

export interface ChangeFeedOptions {
  readonly database: Database;
  readonly log: Logger;
  /** The configuration of this name was changed, here or on another replica. */
  readonly onChange: (name: string) => void;
  /** Listening has just begun: what changed before, as while the connection was broken, was not told. */
  readonly onListening: () => void;
  /** Called every two seconds while the database answers. */
  readonly onAnswer: () => void;
}

/** Hears of every change, on a connection of its own that is made anew whenever it breaks. */
export class ChangeFeed {
  readonly #options: ChangeFeedOptions;
  readonly #loop: Dependency;
  #client: pg.Client | undefined;

  constructor(options: ChangeFeedOptions) {
    this.#options = options;
    // No check of readiness: whoever watches is served late without it, everybody else as ever.
    this.#loop = new Dependency({ name: 'change feed', log: options.log, probe: () => this.#probe() });
  }

  /** Does nothing the second time. */
  start(): void {
    this.#loop.start();
  }

  async stop(): Promise<void> {
    await this.#loop.stop();
    await this.#forget();
  }

  async #probe(): Promise<void> {
    if (this.#client === undefined) {
      await this.#listen();
      return;
    }
    try {
      // A connection that a firewall has dropped looks like one on which nothing happens.
      await within(ANSWER_MS, 'postgres', this.#client.query('select 1'));
    } catch (error) {
      await this.#forget();
      throw error;
    }
    this.#options.onAnswer();
  }

  async #listen(): Promise<void> {
    const client = await this.#options.database.connect();
    const lost = (error?: unknown): void => {
      if (this.#client === client) {
        this.#client = undefined;
        this.#loop.lost(error ?? 'the connection was closed');
      }
    };
    client.on('error', lost);
    client.on('end', lost);
    client.on('notification', ({ payload }) => this.#options.onChange(payload ?? ''));
    this.#client = client;
    try {
      await within(ANSWER_MS, 'postgres', client.query(`listen ${CHANNEL}`));
    } catch (error) {
      await this.#forget();
      throw error;
    }
    this.#options.onListening();
  }

  async #forget(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    // A server that is gone says no farewell.
    await within(ANSWER_MS, 'postgres', client?.end() ?? Promise.resolve()).catch(() => undefined);
  }
}
