import pg from 'pg';
import type { PostgresTarget } from './connection-string.ts';
import { Dependency } from './dependency.ts';
import type { Logger } from './log.ts';

const CONNECT_MS = 2000;
const QUERY_MS = 3000;
/** Any number will do, as long as every service that creates tables takes the same. */
const SCHEMA_LOCK = 7_305_511;

export interface Database {
  readonly dependency: Dependency;
  query<Row extends pg.QueryResultRow>(text: string, values?: readonly unknown[]): Promise<readonly Row[]>;
  close(): Promise<void>;
}

export function openDatabase(service: string, target: PostgresTarget, schema: string, log: Logger): Database {
  const pool = new pg.Pool({
    host: target.host,
    port: target.port,
    database: target.database,
    user: target.user,
    ...(target.password === undefined ? {} : { password: target.password }),
    application_name: service,
    max: 5,
    connectionTimeoutMillis: CONNECT_MS,
    query_timeout: QUERY_MS,
  });
  let schemaIsThere = false;

  const dependency = new Dependency({
    name: 'postgres',
    log,
    probe: async () => {
      if (!schemaIsThere) {
        await createSchema(pool, schema);
        schemaIsThere = true;
      }
      await pool.query('select 1');
    },
    onChange: (check) => {
      // What comes back may be another, empty database.
      schemaIsThere &&= check === 'ok';
    },
  });
  // The pool tells of idle connections that the server has closed.
  pool.on('error', () => dependency.poke());

  return {
    dependency,
    async query<Row extends pg.QueryResultRow>(text: string, values: readonly unknown[] = []) {
      const { rows } = await pool.query<Row>(text, [...values]);
      return rows;
    },
    close: () => pool.end(),
  };
}

/** `create table if not exists` fails when two do it at once, hence one at a time. The lock ends with the transaction. */
async function createSchema(pool: pg.Pool, schema: string): Promise<void> {
  const client = await pool.connect();
  let broken = true;
  try {
    await client.query('begin');
    await client.query('select pg_advisory_xact_lock($1)', [SCHEMA_LOCK]);
    await client.query(schema);
    await client.query('commit');
    broken = false;
  } finally {
    // A connection on which something failed is closed rather than reused: that also rolls back.
    client.release(broken);
  }
}
