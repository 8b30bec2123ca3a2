export interface SentEvent {
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

/** Reads a stream of server-sent events. */
export async function readEvents(url: string): Promise<EventSource> {
  const cancelled = new AbortController();
  const answer = await fetch(url, { signal: cancelled.signal });
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

function parseBlock(block: string): readonly SentEvent[] {
  const found = /^event: (.*)\ndata: (.*)$/.exec(block);
  return found?.[1] === undefined || found[2] === undefined ? [] : [{ name: found[1], data: JSON.parse(found[2]) }];
}
