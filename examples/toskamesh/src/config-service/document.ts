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

/** Whether values are nested no deeper than they may be. */
export function isShallow(values: unknown, depth = MAX_DEPTH): boolean {
  if (typeof values !== 'object' || values === null) {
    return true;
  }
  return depth > 0 && Object.values(values).every((value) => isShallow(value, depth - 1));
}
