import { FatalSetting } from './settings.ts';

export interface PostgresTarget {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string | undefined;
}

/** Npgsql's spellings of each keyword, blanks left out. */
const KEYWORDS: Readonly<Record<string, keyof PostgresTarget>> = {
  host: 'host',
  server: 'host',
  port: 'port',
  database: 'database',
  db: 'database',
  username: 'user',
  user: 'user',
  userid: 'user',
  uid: 'user',
  password: 'password',
  pwd: 'password',
  psw: 'password',
};

/** `Key=value;Key="value; with ""quotes"""`: the value of a repeated key is its last. */
export function parseKeyValues(variable: string, text: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  // A value is quoted (its own quote doubled inside) or runs to the next semicolon.
  const pair =
    /\s*(?<key>[^=;]+?)\s*=\s*(?:"(?<double>(?:[^"]|"")*)"|'(?<single>(?:[^']|'')*)'|(?<bare>[^;]*?))\s*(?:;|$)/y;
  let rest = 0;
  while (/[^;\s]/.test(text.slice(rest))) {
    pair.lastIndex = rest;
    const groups = pair.exec(text)?.groups;
    if (groups === undefined) {
      throw new FatalSetting(`${variable} is no connection string: expected Key=value pairs parted by semicolons`);
    }
    const value = groups.double?.replaceAll('""', '"') ?? groups.single?.replaceAll("''", "'") ?? groups.bare;
    values.set((groups.key ?? '').toLowerCase().replaceAll(/\s/g, ''), value ?? '');
    rest = pair.lastIndex;
  }
  return values;
}

export function parseConnectionString(variable: string, text: string): PostgresTarget {
  const found = new Map<keyof PostgresTarget, string>();
  for (const [key, value] of parseKeyValues(variable, text)) {
    // Keywords about pooling, TLS and the like are Npgsql's affair.
    const field = Object.hasOwn(KEYWORDS, key) ? KEYWORDS[key] : undefined;
    if (field !== undefined && value !== '') {
      found.set(field, value);
    }
  }
  const host = found.get('host');
  const user = found.get('user');
  if (host === undefined || user === undefined) {
    throw new FatalSetting(`${variable} names no ${host === undefined ? 'Host' : 'Username'}`);
  }
  const port = Number(found.get('port') ?? 5432);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new FatalSetting(`${variable} has a Port that is no number from 1 to 65535`);
  }
  return { host, port, database: found.get('database') ?? user, user, password: found.get('password') };
}
