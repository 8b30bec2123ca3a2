import { STATUS_CODES } from 'node:http';

export const PROBLEM_TYPE = 'application/problem+json';

/** One field of a request that is not as it should be. */
export interface FieldProblem {
  /** A JSON pointer into the body, or the name of a parameter or header. */
  readonly field: string;
  readonly message: string;
}

export interface ProblemOptions {
  readonly errors?: readonly FieldProblem[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly cause?: unknown;
}

/** The body of RFC 9457: https://www.rfc-editor.org/rfc/rfc9457 */
export interface ProblemBody {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly instance: string;
  readonly requestId: string;
  readonly errors?: readonly FieldProblem[];
}

/** An answer that a handler gives by throwing. The message is for the caller: it says what to do otherwise. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly status: number;
  readonly errors: readonly FieldProblem[] | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, message: string, { errors, headers = {}, cause }: ProblemOptions = {}) {
    super(message, { cause });
    this.status = status;
    this.errors = errors;
    this.headers = headers;
  }
}

/** A server that this service needs does not answer: the same request may work in a moment. */
export class Unavailable extends Problem {
  constructor(dependency: string, cause?: unknown) {
    super(503, `${dependency} does not answer; try again`, { headers: { 'retry-after': '1' }, cause });
  }
}

export function problemBody(problem: Problem, path: string, requestId: string): ProblemBody {
  const { status, message: detail, errors } = problem;
  const title = STATUS_CODES[status] ?? 'Error';
  const body = { type: 'about:blank', title, status, detail, instance: path, requestId };
  return errors === undefined ? body : { ...body, errors };
}
