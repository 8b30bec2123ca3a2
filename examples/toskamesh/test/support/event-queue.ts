import { createRequire } from 'node:module';
import type { Server } from './server.ts';

/** As much of amqplib as is used; its own types are there only where the example is installed. */
interface Amqp {
  connect(url: string): Promise<Connection>;
}

interface Connection {
  createChannel(): Promise<Channel>;
  on(event: 'error' | 'close', listener: () => void): void;
  close(): Promise<void>;
}

interface Channel {
  assertExchange(exchange: string, type: 'topic', options: { readonly durable: true }): Promise<unknown>;
  assertQueue(queue: string, options: { readonly durable: true }): Promise<unknown>;
  bindQueue(queue: string, exchange: string, pattern: string): Promise<unknown>;
  consume(
    queue: string,
    onMessage: (message: Message | null) => void,
    options: { readonly noAck: true },
  ): Promise<unknown>;
}

interface Message {
  readonly content: Buffer;
  readonly fields: { readonly routingKey: string };
}

export interface BusEvent {
  readonly key: string;
  readonly content: Readonly<Record<string, unknown>>;
}

export interface EventQueue extends AsyncDisposable {
  /** All that came until now. */
  readonly events: readonly BusEvent[];
}

const RETRY_MS = 200;

/** A queue that is bound to all keys of an exchange, and consumed again after a restart of the broker. */
export async function openEventQueue(rabbitmq: Server, exchange: string): Promise<EventQueue> {
  const amqp: Amqp = createRequire(import.meta.url)('amqplib');
  const events: BusEvent[] = [];
  let connection: Connection | undefined;
  let closed = false;

  const consume = async (): Promise<void> => {
    connection = await amqp.connect(`amqp://guest:guest@127.0.0.1:${rabbitmq.port}`);
    connection.on('error', () => undefined);
    connection.on('close', () => void keep());
    const channel = await connection.createChannel();
    await channel.assertExchange(exchange, 'topic', { durable: true });
    await channel.assertQueue('events', { durable: true });
    await channel.bindQueue('events', exchange, '#');
    const note = (message: Message | null): void => {
      if (message !== null) {
        events.push({ key: message.fields.routingKey, content: JSON.parse(message.content.toString('utf8')) });
      }
    };
    await channel.consume('events', note, { noAck: true });
  };
  const keep = async (): Promise<void> => {
    while (!closed) {
      try {
        return await consume();
      } catch {
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  };
  await keep();
  return {
    events,
    async [Symbol.asyncDispose]() {
      closed = true;
      await connection?.close().catch(() => undefined);
    },
  };
}
