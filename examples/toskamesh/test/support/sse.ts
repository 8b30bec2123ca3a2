export interface SentEvent {
  readonly id?: string;
  readonly name: string;
  readonly data: unknown;
}

export interface EventSource extends AsyncDisposable {
  readonly status: number;
  /** All that came until now. */
  readonly events: readonly SentEvent[];
  /** Whether the server has ended it. */
  readonly isOver: boolean;
}

/** Reads a stream of server-sent events: https://html.spec.whatwg.org/multipage/server-sent-events.html */
export async function readEvents(url: string, headers: Readonly<Record<string, string>> = {}): Promise<EventSource> {
  const cancelled = new AbortController();
  const answer = await fetch(url, { headers: { accept: 'text/event-stream', ...headers }, signal: cancelled.signal });
  const events: SentEvent[] = [];
  const source = { status: answer.status, events, isOver: false };
  const read = async (): Promise<void> => {
    let text = '';
    const decoder = new TextDecoder();
    for await (const chunk of answer.body ?? []) {
      text += decoder.decode(chunk, { stream: true });
      const blocks = text.split('\n\n');
      text = blocks.pop() ?? '';
      events.push(...blocks.flatMap(parseBlock));
    }
  };
  void read()
    .catch(() => undefined)
    .finally(() => {
      source.isOver = true;
    });
  return Object.assign(source, { [Symbol.asyncDispose]: async () => cancelled.abort() });
}

/** What holds no data is no event: a comment, or how long to wait before the next try. */
function parseBlock(block: string): readonly SentEvent[] {
  const fields = new Map<string, string>();
  for (const line of block.split('\n')) {
    const [, name = '', value = ''] = /^([^:]*): ?(.*)$/.exec(line) ?? [];
    fields.set(name, value);
  }
  const [name, id, data] = ['event', 'id', 'data'].map((field) => fields.get(field));
  return data === undefined
    ? []
    : [{ name: name ?? 'message', ...(id === undefined ? {} : { id }), data: JSON.parse(data) }];
}
