import type { Channel, ChannelModel } from 'amqplib';
import { Dependency } from './dependency.ts';
import type { Logger } from './log.ts';
import { within } from './service.ts';
import type { Settings } from './settings.ts';

/** A broker that has just started is slow with its first handshakes. */
const HANDSHAKE_MS = 5000;
const ANSWER_MS = 2000;
const HEARTBEAT_SECONDS = 10;

export interface EventBusOptions {
  /** A topic exchange, made when it is missing. Whoever wants to know binds a queue to it. */
  readonly exchange: string;
  readonly host: string;
  readonly port: number;
  readonly username: string;
  readonly password: string;
  readonly log: Logger;
}

/** The options in the variables `Messaging__RabbitMq…`; undefined when no host is set. */
export function eventBusSettings(settings: Settings): Omit<EventBusOptions, 'exchange' | 'log'> | undefined {
  const host = settings.optional('Messaging__RabbitMqHost');
  if (host === undefined) {
    return undefined;
  }
  return {
    host,
    port: settings.port('Messaging__RabbitMqPort', 5672),
    username: settings.optional('Messaging__RabbitMqUsername') ?? 'guest',
    password: settings.optional('Messaging__RabbitMqPassword') ?? 'guest',
  };
}

/** Publishes events on a RabbitMQ topic exchange, for as long as there is a connection. */
export class EventBus {
  readonly dependency: Dependency;
  readonly #options: EventBusOptions;
  #connection: ChannelModel | undefined;
  #channel: Channel | undefined;

  constructor(options: EventBusOptions) {
    this.#options = options;
    this.dependency = new Dependency({ name: 'rabbitmq', log: options.log, probe: () => this.#probe() });
  }

  /** An event that cannot be sent is lost: its sender, not the bus, holds the truth. */
  publish(key: string, event: object): void {
    try {
      const content = Buffer.from(JSON.stringify({ at: new Date().toISOString(), ...event }));
      this.#channel?.publish(this.#options.exchange, key, content, { contentType: 'application/json' });
    } catch (error) {
      this.dependency.lost(error);
    }
  }

  async close(): Promise<void> {
    const connection = this.#connection;
    this.#forget();
    // Flushes what is still buffered; a broker that is gone must not hold up the stop.
    await within(ANSWER_MS, 'rabbitmq', connection?.close() ?? Promise.resolve()).catch(() => undefined);
  }

  async #probe(): Promise<void> {
    if (this.#channel === undefined) {
      await this.#connect();
      return;
    }
    try {
      await within(ANSWER_MS, 'rabbitmq', this.#channel.checkExchange(this.#options.exchange));
    } catch (error) {
      const connection = this.#connection;
      this.#forget();
      void connection?.close().catch(() => undefined);
      throw error;
    }
  }

  async #connect(): Promise<void> {
    const { connect } = await import('amqplib');
    const { host, port, username, password } = this.#options;
    const server = { protocol: 'amqp', hostname: host, port, username, password, heartbeat: HEARTBEAT_SECONDS };
    const connecting = connect(server, { timeout: HANDSHAKE_MS, noDelay: true });
    const connection = await within(HANDSHAKE_MS, 'rabbitmq', connecting).catch((error: unknown) => {
      void connecting.then((late) => late.close()).catch(() => undefined);
      throw error;
    });
    const lost = (error?: unknown): void => {
      if (this.#connection === connection) {
        this.#forget();
        this.dependency.lost(error ?? 'the connection was closed');
      }
    };
    // Without a listener an error would end the process.
    connection.on('error', lost);
    connection.on('close', lost);
    this.#connection = connection;
    try {
      this.#channel = await within(ANSWER_MS, 'rabbitmq', this.#openChannel(connection, lost));
    } catch (error) {
      this.#forget();
      void connection.close().catch(() => undefined);
      throw error;
    }
  }

  async #openChannel(connection: ChannelModel, lost: (error: unknown) => void): Promise<Channel> {
    const channel = await connection.createChannel();
    channel.on('error', (error) => {
      lost(error);
      // A channel's error leaves its connection open, and the next try opens another one.
      void connection.close().catch(() => undefined);
    });
    await channel.assertExchange(this.#options.exchange, 'topic', { durable: true });
    return channel;
  }

  #forget(): void {
    this.#connection = undefined;
    this.#channel = undefined;
  }
}
