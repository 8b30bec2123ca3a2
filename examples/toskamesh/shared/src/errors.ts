interface MaybeSystemError {
  readonly code?: unknown;
  readonly address?: unknown;
  readonly port?: unknown;
  readonly hostname?: unknown;
  readonly syscall?: unknown;
  readonly message?: unknown;
  readonly errors?: unknown;
}

/**
 * An error in a few words, such as `ECONNREFUSED 172.18.0.5:5432` or `ENOTFOUND postgres`. It goes into health answers
 * and logs, so it holds no more than code, address and message.
 */
export function describeError(error: unknown): string {
  if (typeof error !== 'object' || error === null) {
    return String(error);
  }
  const { code, address, port, hostname, message, errors } = error as MaybeSystemError;
  // Connecting to a name with several addresses fails with all of their errors: the last is as good as any.
  if (Array.isArray(errors) && errors.length > 0) {
    return describeError(errors.at(-1));
  }
  if (typeof code === 'string' && typeof address === 'string') {
    return `${code} ${address}${typeof port === 'number' ? `:${port}` : ''}`;
  }
  if (typeof code === 'string' && typeof hostname === 'string') {
    return `${code} ${hostname}`;
  }
  const text = typeof message === 'string' && message !== '' ? message : 'failed';
  return typeof code === 'string' && !text.includes(code) ? `${code} ${text}` : text;
}
