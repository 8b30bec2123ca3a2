import { Problem } from '@toskamesh/shared';

export interface NumberRange {
  readonly fallback: number;
  readonly min: number;
  readonly max: number;
}

/** As large as the integers of PostgreSQL. */
export const MAX_VERSION = 2_147_483_647;

/**
 * A whole number of a query or header, which are texts.
 *
 * @throws Problem 400 when it is none, or not within the range
 */
export function queryNumber(name: string, text: string | undefined, { fallback, min, max }: NumberRange): number {
  if (text === undefined) {
    return fallback;
  }
  const number = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (!(number >= min && number <= max)) {
    const errors = [{ field: name, message: `must be a whole number from ${min} to ${max}` }];
    throw new Problem(400, `${name} is not as expected`, { errors });
  }
  return number;
}
