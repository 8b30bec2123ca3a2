export interface EventStream extends AsyncDisposable {
  /** All that was received until now. */
  text(): string;
  /** The id of each event that was received until now. */
  ids(): readonly string[];
  /** Resolves when the server has ended the stream. */
  readonly ended: Promise<void>;
}

/** Server-Sent Events as they come over the wire: https://html.spec.whatwg.org/multipage/server-sent-events.html */
export async function openEventStream(
  url: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<EventStream> {
  const left = new AbortController();
  const answer = await fetch(url, { headers: { accept: 'text/event-stream', ...headers }, signal: left.signal });
  if (answer.status !== 200 || answer.body === null) {
    throw new Error(`${url} answered ${answer.status}`);
  }
  let received = '';
  const read = async (body: ReadableStream<Uint8Array>): Promise<void> => {
    const decoder = new TextDecoder();
    for await (const chunk of body) {
      received += decoder.decode(chunk, { stream: true });
    }
  };
  const ended = read(answer.body);
  const dispose = async (): Promise<void> => {
    left.abort();
    await ended.catch(() => undefined);
  };
  return {
    text: () => received,
    ids: () => [...received.matchAll(/^id: ?(.*)$/gm)].map(([, id = '']) => id),
    ended,
    [Symbol.asyncDispose]: dispose,
  };
}
