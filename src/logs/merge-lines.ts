import type { LogLine } from '../engine/engine.ts';
import { type Clock, systemClock } from '../time/clock.ts';
import { type ContinuationRule, createContinuationRule, type LogEntry } from './log-entry.ts';
import { sortableTime } from './log-time.ts';

/** How long a followed line waits for earlier lines of slower sources. */
export const REORDER_WINDOW_MS = 100;
/** A follower first gets what was said before. That ends when none of it came for this long, … */
const HISTORY_QUIET_MS = 200;
/** … or when it took this long. */
const HISTORY_LIMIT_MS = 2000;
/** A line this much later than the one before it says something new, however it begins. */
const CONTINUATION_GAP_MS = 1000;
const MAX_ENTRY_LINES = 1000;
/** Characters of text, and for each line what its objects cost besides: some 250,000 lines of ordinary length. */
export const MAX_HELD = 128 * 1024 * 1024;
const LINE_COST = 400;

/** What the merge needs of time. `after` must not keep the process alive. */
export interface LogClock extends Pick<Clock, 'now' | 'date'> {
  /** @returns what takes the call back */
  after(milliseconds: number, run: () => void): () => void;
}

export const systemLogClock: LogClock = {
  now: systemClock.now,
  date: systemClock.date,
  after: (milliseconds, run) => {
    const timer = setTimeout(run, milliseconds).unref();
    return () => clearTimeout(timer);
  },
};

export interface MergeOptions {
  readonly mode: 'once' | 'follow';
  /** One call for all that became due together; never with an empty list. */
  readonly onEntries: (entries: readonly LogEntry[]) => void;
  readonly clock?: LogClock | undefined;
  /** Of held text, in characters; {@link MAX_HELD} when missing. */
  readonly maxHeld?: number | undefined;
}

export interface LineMerge {
  push(line: LogLine): void;
  /** Hands on all that is held. */
  end(): void;
}

interface OpenEntry extends LogEntry {
  readonly lines: LogLine[];
  /** Never smaller than the one before it of the same source: a source is never reordered against itself. */
  readonly key: string;
  /** Between equal keys, the one that came first goes first. */
  readonly order: number;
  readonly arrivedAt: number;
  size: number;
}

interface Source {
  readonly continues: ContinuationRule;
  /** In the order of arrival, which is the order of their keys. */
  readonly held: OpenEntry[];
  lastKey: string;
  /** The newest entry, held or handed on. */
  last: OpenEntry | undefined;
}

/**
 * Merges the lines of many sources by time, and keeps multi-line entries together under the time of their head line.
 * A source is one stream of one instance; its own order is kept, whatever its stamps say.
 *
 * Lines are pushed, and neither which sources there will be nor when one is over is known before the end. So:
 * - `once` holds everything until the end and then merges: the order is exact. Above `maxHeld` the oldest quarter is
 *   handed on, which is exact too as long as no source lags behind by the rest.
 * - `follow` hands on an entry once it was held for {@link REORDER_WINDOW_MS}, with all that is older. What was said
 *   before the start is held together until it has arrived. A line that comes later still is shown late, not lost.
 */
export function createLineMerge(options: MergeOptions): LineMerge {
  const { mode, onEntries, clock = systemLogClock, maxHeld = MAX_HELD } = options;
  const sources = new Map<string, Source>();
  const history = mode === 'follow' ? createHistory(sortableTime(clock.date().toISOString())) : undefined;
  let held = 0;
  let order = 0;
  let oldestAt = Number.POSITIVE_INFINITY;
  let cancelTimer: (() => void) | undefined;

  const release = (mayGo: (entry: OpenEntry) => boolean) => {
    const entries = takeInOrder(sources.values(), (entry) => {
      if (!mayGo(entry)) return false;
      held -= entry.size;
      return true;
    });
    if (entries.length > 0) onEntries(entries);
  };

  const schedule = (now: number) => {
    if (mode === 'once' || cancelTimer !== undefined || held === 0) return;
    const due = Math.max(oldestAt + REORDER_WINDOW_MS, history?.due() ?? 0);
    cancelTimer = clock.after(Math.max(1, due - now), onTimer);
  };

  const onTimer = () => {
    cancelTimer = undefined;
    const now = clock.now();
    if (history === undefined || history.isOver(now)) {
      const dueKey = lastDueKey(sources.values(), now - REORDER_WINDOW_MS);
      if (dueKey !== undefined) release((entry) => entry.key <= dueKey);
      oldestAt = firstArrival(sources.values());
    }
    schedule(now);
  };

  return {
    push(line) {
      const now = mode === 'follow' ? clock.now() : 0;
      const key = sortableTime(line.at);
      const size = line.text.length + LINE_COST;
      const source = sourceOf(sources, line);
      const head = joins(source, line) ? source.last : undefined;
      let entry = head;
      if (head === undefined) {
        if (key > source.lastKey) source.lastKey = key;
        entry = hold(source, { line, at: line.at, order: order++, arrivedAt: now, part: 'whole' });
      } else if (source.held.length === 0 || head.lines.length >= MAX_ENTRY_LINES) {
        entry = hold(source, { line, at: head.at, order: order++, arrivedAt: now, part: 'rest' });
      } else {
        head.lines.push(line);
      }
      if (entry !== undefined) entry.size += size;
      held += size;
      history?.saw(key, now);
      if (now < oldestAt) oldestAt = now;
      if (held > maxHeld) release(() => held > maxHeld * 0.75);
      schedule(now);
    },
    end() {
      cancelTimer?.();
      cancelTimer = undefined;
      release(() => true);
    },
  };
}

interface History {
  saw(key: string, now: number): void;
  due(): number;
  isOver(now: number): boolean;
}

/** The time in which a follower gets what was said before it came: sources deliver that at very different speeds. */
function createHistory(startKey: string): History {
  let firstAt: number | undefined;
  let dueAt = 0;
  let over = false;
  return {
    saw(key, now) {
      if (over) return;
      firstAt ??= now;
      if (key < startKey) dueAt = Math.min(now + HISTORY_QUIET_MS, firstAt + HISTORY_LIMIT_MS);
    },
    due: () => (over ? 0 : dueAt),
    isOver(now) {
      over ||= now >= dueAt;
      return over;
    },
  };
}

function sourceOf(sources: Map<string, Source>, line: LogLine): Source {
  const id = `${line.node}\n${line.replica}\n${line.stream}`;
  let source = sources.get(id);
  if (source === undefined) {
    source = { continues: createContinuationRule(), held: [], lastKey: '', last: undefined };
    sources.set(id, source);
  }
  return source;
}

function joins(source: Source, line: LogLine): boolean {
  const continues = source.continues(line.text);
  const previous = source.last?.lines.at(-1);
  if (!continues || previous === undefined) return false;
  if (previous.at === line.at) return true;
  // Not a number when one of them has no time: then only the text can tell.
  return !(Date.parse(line.at) - Date.parse(previous.at) > CONTINUATION_GAP_MS);
}

interface Arrival extends Pick<OpenEntry, 'at' | 'order' | 'arrivedAt' | 'part'> {
  readonly line: LogLine;
}

function hold(source: Source, { line, ...rest }: Arrival): OpenEntry {
  const { node, replica, stream } = line;
  const entry: OpenEntry = { node, replica, stream, ...rest, lines: [line], key: source.lastKey, size: 0 };
  source.last = entry;
  source.held.push(entry);
  return entry;
}

/** The largest key among the entries that waited long enough; each source's entries arrived in the order of their keys. */
function lastDueKey(sources: Iterable<Source>, arrivedBy: number): string | undefined {
  let dueKey: string | undefined;
  for (const source of sources) {
    let last: OpenEntry | undefined;
    for (const entry of source.held) {
      if (entry.arrivedAt > arrivedBy) break;
      last = entry;
    }
    if (last !== undefined && (dueKey === undefined || last.key > dueKey)) dueKey = last.key;
  }
  return dueKey;
}

function firstArrival(sources: Iterable<Source>): number {
  let first = Number.POSITIVE_INFINITY;
  for (const source of sources) first = Math.min(first, source.held[0]?.arrivedAt ?? first);
  return first;
}

interface Cursor {
  readonly source: Source;
  index: number;
  entry: OpenEntry;
}

/** Takes entries out of their sources, the oldest of all first, for as long as `take` agrees. */
function takeInOrder(sources: Iterable<Source>, take: (entry: OpenEntry) => boolean): OpenEntry[] {
  const heap: Cursor[] = [];
  for (const source of sources) {
    const [entry] = source.held;
    if (entry !== undefined) heap.push({ source, index: 0, entry });
  }
  const cursors = [...heap];
  for (let index = (heap.length >> 1) - 1; index >= 0; index--) siftDown(heap, index);
  const taken: OpenEntry[] = [];
  for (let top = heap[0]; top !== undefined && take(top.entry); top = heap[0]) {
    taken.push(top.entry);
    top.index++;
    const next = top.source.held[top.index];
    if (next !== undefined) {
      top.entry = next;
    } else {
      const last = heap.pop();
      if (last !== undefined && heap.length > 0) heap[0] = last;
    }
    siftDown(heap, 0);
  }
  for (const { source, index } of cursors) source.held.splice(0, index);
  return taken;
}

/** Restores a binary heap in which only the cursor at `start` may stand too high. */
function siftDown(heap: Cursor[], start: number): void {
  for (let parent = start; ; ) {
    let smallest = parent;
    for (const child of [2 * parent + 1, 2 * parent + 2]) {
      if (isBefore(heap[child], heap[smallest])) smallest = child;
    }
    const [upper, lower] = [heap[parent], heap[smallest]];
    if (smallest === parent || upper === undefined || lower === undefined) return;
    heap[parent] = lower;
    heap[smallest] = upper;
    parent = smallest;
  }
}

function isBefore(a: Cursor | undefined, b: Cursor | undefined): boolean {
  if (a === undefined || b === undefined) return false;
  return a.entry.key === b.entry.key ? a.entry.order < b.entry.order : a.entry.key < b.entry.key;
}
