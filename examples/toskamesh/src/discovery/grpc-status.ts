import { status } from '@grpc/grpc-js';
import { describeError, type Logger, Problem } from '@toskamesh/shared';

const CODES: Readonly<Record<number, status>> = {
  400: status.INVALID_ARGUMENT,
  401: status.UNAUTHENTICATED,
  404: status.NOT_FOUND,
  503: status.UNAVAILABLE,
};

export interface CallFailure {
  readonly code: status;
  readonly details: string;
}

/** What HTTP would answer as a problem, as gRPC says it. */
export function callFailure(error: unknown, log: Logger): CallFailure {
  if (error instanceof Problem) {
    const fields = error.errors?.map(({ field, message }) => `${field} ${message}`) ?? [];
    return { code: CODES[error.status] ?? status.UNKNOWN, details: [error.message, ...fields].join('; ') };
  }
  log.error({ reason: describeError(error), stack: error instanceof Error ? error.stack : undefined }, 'call failed');
  return { code: status.INTERNAL, details: 'something failed inside' };
}
