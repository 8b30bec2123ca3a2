/** A line of a program, as its log file holds it. */
export interface StoredLine {
  /** ISO time, UTC, nine digits. */
  readonly at: string;
  readonly stream: 'stdout' | 'stderr';
  readonly text: string;
}

/** Stamps have one length, so that text order is time order. */
const STAMP_LENGTH = 30;

/** `2026-11-24T12:00:00.123456789Z o text` */
export function formatStored(line: StoredLine): string {
  return `${line.at} ${line.stream === 'stdout' ? 'o' : 'e'} ${line.text}\n`;
}

/** Nothing for what was cut off when the disk was full. */
export function parseStored(text: string): StoredLine | undefined {
  const kind = text[STAMP_LENGTH + 1];
  if (text[STAMP_LENGTH - 1] !== 'Z' || text[STAMP_LENGTH] !== ' ' || (kind !== 'o' && kind !== 'e')) return undefined;
  return {
    at: text.slice(0, STAMP_LENGTH),
    stream: kind === 'o' ? 'stdout' : 'stderr',
    text: text.slice(STAMP_LENGTH + 3),
  };
}

/** Gives times of the wall clock with nanoseconds that never repeat, and go back only when the wall clock does. */
export function createStamper(now: () => number): () => string {
  let lastMs = 0;
  let nanoseconds = 0;
  return () => {
    const ms = Math.floor(now());
    nanoseconds = ms === lastMs ? nanoseconds + 1 : 0;
    lastMs = ms;
    return `${new Date(ms).toISOString().slice(0, -1)}${String(nanoseconds % 1_000_000).padStart(6, '0')}Z`;
  };
}

/** Any ISO time in the form of a stamp, to compare with. */
export function stampOf(iso: string): string | undefined {
  const ms = Date.parse(iso);
  if (Number.isNaN(ms)) return undefined;
  const fraction = /\.(\d{1,9})/.exec(iso)?.[1] ?? '';
  return `${new Date(ms).toISOString().slice(0, 19)}.${fraction.padEnd(9, '0')}Z`;
}
