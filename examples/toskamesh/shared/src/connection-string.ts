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
  let rest = text.trimStart();
  while (rest !== '') {
    const equals = rest.indexOf('=');
    const key = rest.slice(0, equals).trim();
    if (equals < 0 || key === '' || key.includes(';')) {
      throw new FatalSetting(`${variable} is no connection string: expected Key=value pairs parted by semicolons`);
    }
    const { value, after } = takeValue(rest.slice(equals + 1).trimStart());
    values.set(key.toLowerCase().replaceAll(/\s/g, ''), value);
    // A stray semicolon does no harm.
    rest = after.replace(/^[\s;]+/, '');
  }
  return values;
}

/** A value is quoted, with its own quotes doubled inside, or runs to the next semicolon. */
function takeValue(text: string): { readonly value: string; readonly after: string } {
  const quoted = /^"((?:[^"]|"")*)"\s*(?:;|$)|^'((?:[^']|'')*)'\s*(?:;|$)/.exec(text);
  if (quoted !== null) {
    const value = quoted[1]?.replaceAll('""', '"') ?? quoted[2]?.replaceAll("''", "'") ?? '';
    return { value, after: text.slice(quoted[0].length) };
  }
  const end = text.indexOf(';');
  return end < 0 ? { value: text.trim(), after: '' } : { value: text.slice(0, end).trim(), after: text.slice(end) };
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
