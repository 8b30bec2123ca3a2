import { PassThrough, type Readable } from 'node:stream';
import { Unavailable } from '@toskamesh/shared';

const MAX_SUBSCRIBERS = 100;
/** Who reads so slowly that this much waits for it is cut off; it connects anew and begins with what is then. */
const MAX_WAITING_BYTES = 1024 * 1024;
/** Proxies cut connections on which nothing is said. */
const ALIVE_EVERY_MS = 15_000;

/** Server-sent events: https://html.spec.whatwg.org/multipage/server-sent-events.html */
export class EventStream {
  readonly #subscribers = new Set<PassThrough>();
  readonly #timer = setInterval(() => this.#write(': alive\n\n'), ALIVE_EVERY_MS);

  get subscribers(): number {
    return this.#subscribers.size;
  }

  /**
   * @param first - what a new subscriber is told at once
   * @throws Unavailable when there are too many
   */
  subscribe(name: string, first: unknown): Readable {
    if (this.#subscribers.size >= MAX_SUBSCRIBERS) {
      throw new Unavailable('the stream of events');
    }
    const stream = new PassThrough();
    this.#subscribers.add(stream);
    stream.on('close', () => this.#subscribers.delete(stream));
    // A subscriber that is gone is no failure of anything here.
    stream.on('error', () => this.#subscribers.delete(stream));
    stream.write(formatEvent(name, first));
    return stream;
  }

  send(name: string, data: unknown): void {
    this.#write(formatEvent(name, data));
  }

  close(): void {
    clearInterval(this.#timer);
    for (const stream of this.#subscribers) {
      stream.end();
    }
  }

  #write(text: string): void {
    for (const stream of this.#subscribers) {
      if (stream.readableLength + stream.writableLength > MAX_WAITING_BYTES) {
        stream.destroy();
      } else {
        stream.write(text);
      }
    }
  }
}

/** JSON has no line breaks, so the data is always one line. */
export function formatEvent(name: string, data: unknown): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}
