import type pg from 'pg';
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
  let opened: Promise<pg.Pool> | undefined;
  let schemaIsThere = false;

  // The driver is loaded by the first probe, when the service already listens.
  const pool = (): Promise<pg.Pool> => {
    opened ??= openPool(service, target).then((made) => {
      // The pool tells of idle connections that the server has closed.
      made.on('error', () => dependency.poke());
      return made;
    });
    return opened;
  };

  const dependency = new Dependency({
    name: 'postgres',
    log,
    probe: async () => {
      if (!schemaIsThere) {
        await createSchema(await pool(), schema);
        schemaIsThere = true;
      }
      await (await pool()).query('select 1');
    },
    onChange: (check) => {
      // What comes back may be another, empty database.
      schemaIsThere &&= check === 'ok';
    },
  });
  return {
    dependency,
    async query<Row extends pg.QueryResultRow>(text: string, values: readonly unknown[] = []) {
      const { rows } = await (await pool()).query<Row>(text, [...values]);
      return rows;
    },
    async close() {
      await (await opened)?.end();
    },
  };
}

async function openPool(service: string, target: PostgresTarget): Promise<pg.Pool> {
  const { default: driver } = await import('pg');
  return new driver.Pool({
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
