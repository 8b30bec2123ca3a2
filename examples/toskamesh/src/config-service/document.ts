import type { FieldProblem } from '@toskamesh/shared';

/** What a configuration is of. */
export interface ConfigKey {
  readonly service: string;
  readonly environment: string;
}

export type ConfigValues = Readonly<Record<string, unknown>>;

/** Who made a version, and when. */
export interface VersionNote extends ConfigKey {
  /** Counts from 1 and never back: a deletion is a version, too. */
  readonly version: number;
  readonly changedBy: string;
  readonly changedAt: Date;
  /** There only when it is true. */
  readonly deleted?: true;
}

export interface ConfigDocument extends VersionNote {
  /** Null after a deletion. */
  readonly values: ConfigValues | null;
}

/** Deeper nesting than anyone writes, and far from what overflows a stack here or in PostgreSQL. */
const MAX_DEPTH = 32;

export function describeKey({ service, environment }: ConfigKey): string {
  return `${service}/${environment}`;
}

/** What of some values could not be kept as it is, with its place as a JSON pointer; undefined when all of it can. */
export function problemIn(value: unknown, field = '/values', depth = MAX_DEPTH): FieldProblem | undefined {
  if (typeof value === 'number' && !isExact(value)) {
    return { field, message: 'must be a text: as a number it is too large to be kept exactly' };
  }
  if (typeof value !== 'object' || value === null) {
    return undefined;
  }
  if (depth === 0) {
    return { field, message: `must not be nested deeper than ${MAX_DEPTH} levels` };
  }
  for (const [name, inner] of Object.entries(value)) {
    const problem = problemIn(inner, `${field}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`, depth - 1);
    if (problem !== undefined) {
      return problem;
    }
  }
  return undefined;
}

/** Of whole numbers, JavaScript keeps those up to 2^53 - 1, and it takes 1e400 for infinite. */
function isExact(value: number): boolean {
  return Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value));
}
