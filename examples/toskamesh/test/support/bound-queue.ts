import { connect } from 'amqplib';
import type { Server } from './server.ts';

export interface BoundMessage {
  readonly key: string;
  readonly body: unknown;
}

export interface BoundQueue extends AsyncDisposable {
  /** All that arrived until now. */
  readonly messages: readonly BoundMessage[];
}

const QUEUE = 'of-the-test';

/**
 * Reads a queue that is bound to a topic exchange, which is made when it is missing. The queue outlives its reader and
 * a crash of the server: the next reader gets what came meanwhile.
 */
export async function readQueue(rabbitmq: Server, exchange: string, pattern: string): Promise<BoundQueue> {
  const connection = await connect(`amqp://guest:guest@127.0.0.1:${rabbitmq.port}`);
  // The server is killed in some tests.
  connection.on('error', () => undefined);
  const channel = await connection.createChannel();
  await channel.assertExchange(exchange, 'topic', { durable: true });
  await channel.assertQueue(QUEUE, { durable: true });
  await channel.bindQueue(QUEUE, exchange, pattern);
  const messages: BoundMessage[] = [];
  await channel.consume(
    QUEUE,
    (message) => {
      if (message !== null) {
        messages.push({ key: message.fields.routingKey, body: JSON.parse(message.content.toString('utf8')) });
      }
    },
    { noAck: true },
  );
  return { messages, [Symbol.asyncDispose]: async () => void (await connection.close().catch(() => undefined)) };
}
