import { oneLine } from './one-line.ts';

const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  ECONNABORTED: 'connection reset',
  EPIPE: 'connection reset',
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
