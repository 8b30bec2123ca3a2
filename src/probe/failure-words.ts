import { oneLine } from './one-line.ts';

/**
 * Docker's proxy takes every connection, and while nothing listens behind it, it resets one and closes the next, at
 * random. Both mean the same to whoever waits, and one word for both keeps a display still.
 */
export const CLOSED = 'connection closed';

const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: CLOSED,
  ECONNABORTED: CLOSED,
  EPIPE: CLOSED,
  ETIMEDOUT: 'connection timed out',
  ENOTFOUND: 'name not found',
  EAI_AGAIN: 'name not found: no name server answers',
  EHOSTUNREACH: 'host unreachable',
  EHOSTDOWN: 'host unreachable',
  ENETUNREACH: 'network unreachable',
  EADDRNOTAVAIL: 'no local address or port to connect from',
  EMFILE: 'too many open files in this process',
  ENFILE: 'too many open files on this machine',
};

/** Short plain words for whatever broke a probe. An error without a known code speaks for itself. */
export function failureWords(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return WORDS[code] ?? oneLine(error instanceof Error ? error.message : String(error));
}

/** `timed out after 1 s`; takes milliseconds. */
export function timedOutWords(timeoutMs: number): string {
  return `timed out after ${Number((timeoutMs / 1000).toFixed(3))} s`;
}
