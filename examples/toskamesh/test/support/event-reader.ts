/** Reads server-sent events whose data is JSON. */
export class EventReader<T> implements AsyncDisposable {
  /** All that came until now. */
  readonly events: T[] = [];
  readonly #stop = new AbortController();
  readonly #response: Response;
  #ended = false;

  private constructor(response: Response) {
    this.#response = response;
    void this.#read();
  }

  /** @throws Error when the answer is no stream of events */
  static async open<T>(url: string, headers: Readonly<Record<string, string>>): Promise<EventReader<T>> {
    const response = await fetch(url, { headers });
    if (response.headers.get('content-type') !== 'text/event-stream') {
      throw new Error(`${response.status} ${await response.text()}`);
    }
    return new EventReader<T>(response);
  }

  /** Whether the server has ended the stream. */
  get ended(): boolean {
    return this.#ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
  }

  async #read(): Promise<void> {
    const decoder = new TextDecoder();
    let text = '';
    const sink = new WritableStream<Uint8Array>({
      write: (chunk) => {
        text += decoder.decode(chunk, { stream: true });
        const blocks = text.split('\n\n');
        text = blocks.pop() ?? '';
        for (const block of blocks) {
          const data = /^data: (.*)$/m.exec(block)?.[1];
          if (data !== undefined) {
            this.events.push(JSON.parse(data));
          }
        }
      },
    });
    await this.#response.body?.pipeTo(sink, { signal: this.#stop.signal }).catch(() => undefined);
    this.#ended = true;
  }
}
