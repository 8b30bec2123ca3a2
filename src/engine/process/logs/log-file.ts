import { closeSync, fstatSync, mkdirSync, openSync, readdirSync, rmSync, writeSync } from 'node:fs';
import path from 'node:path';
import { formatStored, type StoredLine } from './stored-line.ts';

/** How far a log was written: the number of its newest part, and the bytes in it. */
export interface LogPosition {
  readonly part: number;
  readonly bytes: number;
}

export interface LogFile {
  write(lines: readonly StoredLine[]): void;
  position(): LogPosition;
  close(): void;
}

export interface LogBounds {
  readonly partBytes: number;
  readonly parts: number;
}

/** 16 MiB an instance at most. */
export const LOG_BOUNDS: LogBounds = { partBytes: 4 * 1024 * 1024, parts: 4 };

/** The numbers of the parts in a log folder, oldest first. */
export function listParts(folder: string): number[] {
  try {
    return readdirSync(folder)
      .flatMap((name) => (/^\d+\.log$/.test(name) ? Number.parseInt(name, 10) : []))
      .sort((a, b) => a - b);
  } catch {
    return [];
  }
}

export function partPath(folder: string, part: number): string {
  return path.join(folder, `${part}.log`);
}

/**
 * A log of bounded size: numbered parts, of which the oldest is removed. Numbers are never used twice, so a reader that
 * knows a position finds it again whatever happened in between.
 */
export function openLogFile(folder: string, bounds: LogBounds = LOG_BOUNDS): LogFile {
  let part = listParts(folder).at(-1) ?? 1;
  /** Missing for as long as it could not be opened. */
  let file: number | undefined;
  let bytes = 0;
  let lost = 0;
  let isOpenLine = false;

  const open = (): number => {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const opened = openSync(partPath(folder, part), 'a', 0o600);
    bytes = fstatSync(opened).size;
    file = opened;
    return opened;
  };

  const rotate = (full: number) => {
    const next = openSync(partPath(folder, part + 1), 'a', 0o600);
    closeSync(full);
    file = next;
    part++;
    bytes = 0;
    for (const old of listParts(folder).slice(0, -bounds.parts)) rmSync(partPath(folder, old), { force: true });
  };

  /** A disk that is nearly full takes a part of what it is given, and says so only in the count. */
  const append = (text: string) => {
    const content = Buffer.from(isOpenLine ? `\n${text}` : text);
    const written = writeSync(file ?? open(), content);
    bytes += written;
    isOpenLine = written < content.length;
    if (isOpenLine) throw new Error('no space');
  };

  try {
    open();
  } catch {
    // The first line that is written tries again.
  }

  return {
    // A full disk must not end the programs that are supervised: what cannot be written is counted and told later.
    write(lines) {
      const [first] = lines;
      if (first === undefined) return;
      try {
        if (file !== undefined && bytes >= bounds.partBytes) rotate(file);
        if (lost > 0) {
          append(formatStored({ ...first, stream: 'stderr', text: `mesh: ${lost} lines could not be written` }));
          lost = 0;
        }
        append(lines.map(formatStored).join(''));
      } catch {
        lost += lines.length;
      }
    },
    position: () => ({ part, bytes }),
    close() {
      if (file !== undefined) closeSync(file);
      file = undefined;
    },
  };
}
