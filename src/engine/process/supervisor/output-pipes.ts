import { execFileSync } from 'node:child_process';
import { closeSync, constants, existsSync, openSync, rmSync } from 'node:fs';
import { Socket } from 'node:net';
import path from 'node:path';
import { createLineSplitter } from '../logs/split-lines.ts';
import type { StoredLine } from '../logs/stored-line.ts';

export type OnLines = (stream: StoredLine['stream'], lines: readonly string[]) => void;

/** What is read of a program's output, until nobody can write to it any more. */
export interface OutputReader {
  readonly ended: Promise<void>;
  /** Gives the rest of an open line and stops reading. */
  close(): void;
}

/** The ends that a program gets as its stdout and stderr. To be closed once it has them. */
export interface OutputEnds {
  readonly descriptors: readonly [number, number];
  close(): void;
}

const STREAMS = ['stdout', 'stderr'] as const;

/**
 * Output goes through named pipes and not through those of `spawn`, for the day on which the supervisor is killed: a
 * program holds its pipe open for reading too, so its next line does not end it with EPIPE, and the next supervisor
 * finds the pipe by its name and reads on, without a line lost.
 */
export function openOutput(
  folder: string,
  id: string,
  onLines: OnLines,
): { readonly reader: OutputReader; readonly ends: OutputEnds } {
  const paths = STREAMS.map((stream) => pipePath(folder, id, stream));
  for (const file of paths) rmSync(file, { force: true });
  execFileSync('mkfifo', ['-m', '600', ...paths]);
  const reader = readOutput(folder, id, onLines);
  const [out, err] = [openBothWays(paths[0]), openBothWays(paths[1])];
  return {
    reader,
    ends: {
      descriptors: [out, err],
      close() {
        closeSync(out);
        closeSync(err);
      },
    },
  };
}

/** Reads on where another supervisor stopped. */
export function readOutput(folder: string, id: string, onLines: OnLines): OutputReader {
  const readers = STREAMS.flatMap((stream) => {
    const file = pipePath(folder, id, stream);
    return existsSync(file) ? readPipe(file, (lines) => onLines(stream, lines)) : [];
  });
  return {
    ended: Promise.all(readers.map((reader) => reader.ended)).then(() => undefined),
    close: () => {
      for (const reader of readers) reader.close();
    },
  };
}

export function removeOutput(folder: string, id: string): void {
  for (const stream of STREAMS) rmSync(pipePath(folder, id, stream), { force: true });
}

function pipePath(folder: string, id: string, stream: (typeof STREAMS)[number]): string {
  return path.join(folder, `${id}.${stream}`);
}

function openBothWays(file: string | undefined): number {
  return openSync(file ?? '', constants.O_RDWR);
}

function readPipe(file: string, onLines: (lines: readonly string[]) => void): OutputReader {
  // Not a file stream: reading a pipe that way holds a thread of the pool for as long as nothing comes.
  const socket = new Socket({
    fd: openSync(file, constants.O_RDONLY | constants.O_NONBLOCK),
    readable: true,
    writable: false,
  });
  const splitter = createLineSplitter();
  const hand = (lines: readonly string[]) => {
    if (lines.length > 0) onLines(lines);
  };
  const ended = new Promise<void>((resolve) => {
    socket.on('data', (chunk) => hand(splitter.push(chunk)));
    socket.on('error', () => socket.destroy());
    socket.once('close', () => {
      hand(splitter.end());
      resolve();
    });
  });
  return { ended, close: () => socket.destroy() };
}
