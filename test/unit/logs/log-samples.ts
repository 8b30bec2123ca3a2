import type { LogLine } from '../../../src/engine/engine.ts';
import type { LogEntry } from '../../../src/logs/log-entry.ts';

/** `seconds` after 12:00:00 UTC, as Docker stamps it. */
export function stamp(seconds: number): string {
  return new Date(Date.UTC(2026, 10, 24, 12) + seconds * 1000).toISOString().replace('Z', '000000Z');
}

export function line(node: string, seconds: number, text: string, more: Partial<LogLine> = {}): LogLine {
  return { node, replica: 1, stream: 'stdout', at: stamp(seconds), text, ...more };
}

export function entryOf(...lines: readonly [LogLine, ...LogLine[]]): LogEntry {
  const [{ node, replica, stream, at }] = lines;
  return { node, replica, stream, at, lines, part: 'whole' };
}

/** One line of text a log line: `api: hello`. */
export function summary(entries: Iterable<LogEntry>): string[] {
  return [...entries].flatMap((entry) => entry.lines.map(({ node, text }) => `${node}: ${text}`));
}
