export type Environment = Readonly<Record<string, string | undefined>>;

/** A setting with which the service cannot run. The message names the variable and never holds its value. */
export class FatalSetting extends Error {
  override readonly name = 'FatalSetting';
}

/** HS256 signs with 256 bits, and .NET's token handler refuses a shorter key. */
const MIN_SECRET_BYTES = 32;

export interface NamedValue {
  readonly name: string;
  readonly value: string;
}

export interface IntegerRange {
  readonly fallback: number;
  readonly min: number;
  readonly max: number;
}

/** Reads settings as .NET does from its environment: names in any case; blank counts as not set. */
export class Settings {
  readonly #values = new Map<string, NamedValue>();

  constructor(environment: Environment) {
    for (const [name, value] of Object.entries(environment)) {
      if (value !== undefined && value.trim() !== '') {
        this.#values.set(name.toLowerCase(), { name, value: value.trim() });
      }
    }
  }

  optional(name: string): string | undefined {
    return this.#values.get(name.toLowerCase())?.value;
  }

  required(name: string): string {
    const value = this.optional(name);
    if (value === undefined) {
      throw new FatalSetting(`${name} is not set`);
    }
    return value;
  }

  /** The first of several names that is set, with the name it was found under. */
  firstOf(...names: readonly string[]): NamedValue | undefined {
    for (const name of names) {
      const value = this.optional(name);
      if (value !== undefined) {
        return { name, value };
      }
    }
    return undefined;
  }

  /** The names, as they were written, of all settings that begin so. */
  namesWithPrefix(prefix: string): readonly string[] {
    const found = [...this.#values].filter(([key]) => key.startsWith(prefix.toLowerCase()));
    return found.map(([, { name }]) => name);
  }

  secret(name: string): string {
    return checkedSecret(name, this.required(name));
  }

  optionalSecret(name: string): string | undefined {
    const value = this.optional(name);
    return value === undefined ? undefined : checkedSecret(name, value);
  }

  integer(name: string, { fallback, min, max }: IntegerRange): number {
    const value = this.optional(name);
    if (value === undefined) {
      return fallback;
    }
    const parsed = Number(value);
    if (!Number.isInteger(parsed) || parsed < min || parsed > max) {
      throw new FatalSetting(`${name} must be a whole number from ${min} to ${max}`);
    }
    return parsed;
  }

  port(name: string, fallback: number): number {
    return this.integer(name, { fallback, min: 1, max: 65_535 });
  }

  /** An http:// address of another server, without a path. */
  address(name: string): URL | undefined {
    const value = this.optional(name);
    return value === undefined ? undefined : parseAddress(name, value);
  }
}

function checkedSecret(name: string, value: string): string {
  const bytes = Buffer.byteLength(value, 'utf8');
  if (bytes < MIN_SECRET_BYTES) {
    throw new FatalSetting(`${name} has ${bytes} bytes; HS256 needs at least ${MIN_SECRET_BYTES}`);
  }
  return value;
}

function parseAddress(name: string, value: string): URL {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url === undefined || url.protocol !== 'http:' || url.hostname === '') {
    throw new FatalSetting(`${name} must be an address such as http://host:1234`);
  }
  return url;
}

export function portOf(url: URL): number {
  // URL drops the port when it is the scheme's own.
  return url.port === '' ? 80 : Number(url.port);
}

/** The host to connect to: URL writes an IPv6 address in brackets, sockets want it without. */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, '$1');
}
