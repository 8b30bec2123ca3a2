import { type FieldProblem, Problem } from '@toskamesh/shared';
import { QUERY_FUNCTIONS, type QueryFunction, type Range } from './range-query.ts';

const MAX_POINTS = 1000;
const MAX_STEP_SECONDS = 3600;
const DEFAULT_STEP = '15';

export interface RangeParameters {
  /** ISO 8601, or milliseconds since 1970. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** Seconds. */
  readonly step?: string | undefined;
  readonly fn?: string | undefined;
}

/**
 * The last `windowMs` when no times are given.
 *
 * @throws Problem that names all that is wrong
 */
export function parseRange(parameters: RangeParameters, nowMs: number, windowMs: number): Range {
  const errors: FieldProblem[] = [];
  const refuse = (field: string, message: string): void => void errors.push({ field, message });

  const instant = (field: 'from' | 'to', fallback: number): number => {
    const text = parameters[field];
    const ms = text === undefined ? fallback : /^\d{1,15}$/.test(text) ? Number(text) : parseIso(text);
    if (Number.isNaN(ms)) {
      refuse(field, 'must be a time such as 2026-01-31T12:00:00Z, or milliseconds since 1970');
    }
    return ms;
  };
  const toMs = instant('to', nowMs);
  const fromMs = instant('from', toMs - windowMs);
  const { step = DEFAULT_STEP, fn = 'last' } = parameters;
  const seconds = /^\d{1,4}$/.test(step) ? Number(step) : 0;
  if (seconds < 1 || seconds > MAX_STEP_SECONDS) {
    refuse('step', `must be a whole number of seconds from 1 to ${MAX_STEP_SECONDS}`);
  }
  if (!isQueryFunction(fn)) {
    refuse('fn', `must be one of ${QUERY_FUNCTIONS.join(', ')}`);
  }
  if (fromMs >= toMs) {
    refuse('from', 'must be before `to`');
  }
  if (errors.length === 0 && (toMs - fromMs) / (seconds * 1000) > MAX_POINTS) {
    refuse('step', `would make more than ${MAX_POINTS} points: take a longer step or a shorter time`);
  }
  if (errors.length > 0 || !isQueryFunction(fn)) {
    throw new Problem(400, 'the query is not as expected', { errors });
  }
  return { fromMs, toMs, stepMs: seconds * 1000, fn };
}

function parseIso(text: string): number {
  return /^\d{4}-\d\d-\d\d([T ].+)?$/i.test(text) ? Date.parse(text) : Number.NaN;
}

function isQueryFunction(text: string): text is QueryFunction {
  return (QUERY_FUNCTIONS as readonly string[]).includes(text);
}
