import type { Writable } from 'node:stream';
import type { LogLine } from '../engine/engine.ts';
import { createTextFormat, type EntryFormat, formatJson, shownFields, type TextFormatOptions } from './format-line.ts';
import type { LogEntry } from './log-entry.ts';
import type { LogFilter, Verdict } from './log-filter.ts';
import { createLineMerge, type LogClock, MAX_HELD } from './merge-lines.ts';
import { createRedactor } from './redact-secrets.ts';

/** One write has about this many characters: small enough to go out soon, large enough to be cheap. */
const WRITE_SIZE = 64 * 1024;

export interface LogViewOptions {
  /** Stays open: the view did not open it. */
  readonly output: Writable;
  readonly mode: 'once' | 'follow';
  readonly form: 'json' | Omit<TextFormatOptions, 'redact'>;
  readonly filter?: LogFilter | undefined;
  /** Values that must not be printed. */
  readonly secrets?: readonly string[] | undefined;
  /** Called while following, when the reader is so slow that lines had to be left out. */
  readonly onDropped?: ((lines: number) => void) | undefined;
  readonly clock?: LogClock | undefined;
  /** Of text that waits for the reader, in characters; {@link MAX_HELD} when missing. */
  readonly maxWaiting?: number | undefined;
}

export interface LogView {
  push(line: LogLine): void;
  /**
   * Shows what is still held; resolves when the output has taken it, or is gone.
   *
   * @throws what the output failed with, unless it is only that nobody reads it any more
   */
  end(): Promise<void>;
  /** Aborted when nobody reads the output any more, as after `| head`: the source can stop too. */
  readonly closed: AbortSignal;
}

/** The log pipeline: secrets out, merged by time, filtered by entry, formatted, written in batches. */
export function createLogView(options: LogViewOptions): LogView {
  const { mode, form, clock, filter } = options;
  const redact = createRedactor(options.secrets ?? []);
  const format: EntryFormat = form === 'json' ? formatJson : createTextFormat({ ...form, redact });
  const isWanted =
    filter === undefined ? () => true : createEntryFilter(filter, form !== 'json' && form.structured === 'fields');
  const writer = createBatchWriter(options.output, {
    maxWaiting: mode === 'follow' ? (options.maxWaiting ?? MAX_HELD) : Number.POSITIVE_INFINITY,
    onDropped: options.onDropped,
  });
  const merge = createLineMerge({
    mode,
    clock,
    onEntries: (entries) => {
      for (const entry of entries) {
        if (isWanted(entry)) writer.add(format(entry), entry.lines.length);
      }
      writer.flush();
    },
  });
  return {
    closed: writer.closed,
    push(line) {
      if (writer.closed.aborted) return;
      const text = redact(line.text);
      merge.push(text === line.text ? line : { ...line, text });
    },
    end() {
      merge.end();
      return writer.end();
    },
  };
}

/** The late rest of an entry shares the fate of its head, unless it has what the head had not. */
function createEntryFilter(filter: LogFilter, withFields: boolean): (entry: LogEntry) => boolean {
  const verdicts = new Map<string, Verdict>();
  return (entry) => {
    const source = `${entry.node}\n${entry.replica}\n${entry.stream}`;
    const before = entry.part === 'rest' ? verdicts.get(source) : undefined;
    const verdict = before === undefined || before === 'unmatched' ? filter(textOf(entry, withFields)) : before;
    verdicts.set(source, verdict);
    return verdict === 'shown';
  };
}

function textOf({ lines }: LogEntry, withFields: boolean): string {
  const [head] = lines;
  if (head === undefined) return '';
  const text = lines.length === 1 ? head.text : lines.map((line) => line.text).join('\n');
  const fields = withFields ? shownFields(head.text) : undefined;
  return fields === undefined ? text : `${text}\n${fields}`;
}

interface BatchWriter {
  add(text: string, lines: number): void;
  flush(): void;
  end(): Promise<void>;
  readonly closed: AbortSignal;
}

interface BatchWriterOptions {
  readonly maxWaiting: number;
  readonly onDropped: ((lines: number) => void) | undefined;
}

/**
 * Joins texts to writes of a good size, and waits for `drain` when the output asks for it.
 * When the output is closed by its reader, everything after that is dropped in silence.
 */
function createBatchWriter(output: Writable, { maxWaiting, onDropped }: BatchWriterOptions): BatchWriter {
  const closed = new AbortController();
  const batches: string[] = [];
  let waiting = 0;
  let batch: string[] = [];
  let batchSize = 0;
  let blocked = false;
  let failure: unknown;
  let onIdle: (() => void) | undefined;

  const writeOn = () => {
    while (!blocked && !closed.signal.aborted) {
      const next = batches.shift();
      if (next === undefined) break;
      waiting -= next.length;
      blocked = !output.write(next);
    }
    if (closed.signal.aborted || (batches.length === 0 && !blocked)) onIdle?.();
  };
  const onDrain = () => {
    blocked = false;
    writeOn();
  };
  const onGone = () => {
    batches.length = 0;
    waiting = 0;
    closed.abort();
    onIdle?.();
  };
  const onError = (error: NodeJS.ErrnoException) => {
    if (!isClosedPipe(error)) failure = error;
    onGone();
  };
  output.on('drain', onDrain).on('error', onError).on('close', onGone);

  const flush = () => {
    if (batch.length === 0) return;
    const text = batch.join('');
    batch = [];
    batchSize = 0;
    batches.push(text);
    waiting += text.length;
    writeOn();
  };

  return {
    closed: closed.signal,
    add(text, lines) {
      if (closed.signal.aborted) return;
      if (waiting + batchSize + text.length > maxWaiting) {
        onDropped?.(lines);
        return;
      }
      batch.push(text);
      batchSize += text.length;
      if (batchSize >= WRITE_SIZE) flush();
    },
    flush,
    async end() {
      flush();
      await new Promise<void>((resolve) => {
        onIdle = resolve;
        writeOn();
      });
      // An empty write calls back after all writes before it, and tells of an error that came late.
      if (!closed.signal.aborted) await new Promise<void>((resolve) => output.write('', () => setImmediate(resolve)));
      output.off('drain', onDrain).off('error', onError).off('close', onGone);
      if (failure !== undefined) throw failure;
    },
  };
}

/** `head` has read enough. Windows says EOF, and a stream that was destroyed before says so itself. */
function isClosedPipe(error: NodeJS.ErrnoException): boolean {
  return ['EPIPE', 'EOF', 'ECONNRESET', 'ERR_STREAM_DESTROYED', 'ERR_STREAM_WRITE_AFTER_END'].includes(
    error.code ?? '',
  );
}
