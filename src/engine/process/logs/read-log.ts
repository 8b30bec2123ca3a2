import { readFileSync } from 'node:fs';
import { type LogPosition, listParts, partPath } from './log-file.ts';
import { parseStored, type StoredLine, stampOf } from './stored-line.ts';

export interface LogWindow {
  /** Lines from the end; all when missing. */
  readonly tail?: number | undefined;
  /** ISO times. */
  readonly since?: string | undefined;
  readonly until?: string | undefined;
}

/** Tells whether a line is in the window of time. */
export function inWindow(window: LogWindow): (line: StoredLine) => boolean {
  const since = window.since === undefined ? undefined : stampOf(window.since);
  const until = window.until === undefined ? undefined : stampOf(window.until);
  return (line) => (since === undefined || line.at >= since) && (until === undefined || line.at <= until);
}

/** The lines of a log up to a position, or to its end. Reads from the newest part back, no further than `tail` asks. */
export function readLog(folder: string, window: LogWindow, end?: LogPosition): StoredLine[] {
  const wanted = inWindow(window);
  const most = window.tail ?? Number.POSITIVE_INFINITY;
  const blocks: StoredLine[][] = [];
  let count = 0;
  for (const part of listParts(folder).reverse()) {
    if (end !== undefined && part > end.part) continue;
    if (count >= most) break;
    const lines = readPart(partPath(folder, part), part === end?.part ? end.bytes : undefined).filter(wanted);
    count += lines.length;
    blocks.unshift(lines);
  }
  return blocks.flat().slice(-most || Number.POSITIVE_INFINITY);
}

function readPart(file: string, bytes: number | undefined): StoredLine[] {
  try {
    const content = readFileSync(file);
    const text = content.subarray(0, bytes ?? content.length).toString('utf8');
    return text.split('\n').flatMap((line) => parseStored(line) ?? []);
  } catch {
    // Removed by a rotation since it was listed.
    return [];
  }
}
