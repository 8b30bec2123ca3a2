import { fileURLToPath } from 'node:url';
import type pg from 'pg';
import type { PostgresTarget } from './connection-string.ts';
import { Dependency } from './dependency.ts';
import type { Logger } from './log.ts';
import { Problem, Unavailable } from './problem.ts';

const CONNECT_MS = 2000;
const QUERY_MS = 3000;
const POOL_SIZE = 5;
/** Any number will do, as long as every service that changes tables takes the same: they share one database. */
const MIGRATION_LOCK = 7_305_511;

export interface Queries {
  /** @throws Unavailable when the database does not answer; the driver's error when it refuses the statement */
  query<Row extends pg.QueryResultRow>(text: string, values?: readonly unknown[]): Promise<readonly Row[]>;
}

export interface Database extends Queries {
  readonly dependency: Dependency;
  /** All of `work` is kept, or, when it throws, nothing. */
  transaction<T>(work: (queries: Queries) => Promise<T>): Promise<T>;
  /** A connection of its own, for LISTEN and the like. Whoever opens it listens for its errors and ends it. */
  connect(): Promise<pg.Client>;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  readonly service: string;
  readonly target: PostgresTarget;
  /** A folder of `1_name.sql`, `2_name.sql` …, each with an `-- Up Migration` part. */
  readonly migrations: URL;
  readonly log: Logger;
}

export function openDatabase({ service, target, migrations, log }: DatabaseOptions): Database {
  let opened: Promise<pg.Pool> | undefined;
  let isMigrated = false;
  const config = configOf(service, target);

  // The driver is loaded by the first probe, when the service already listens.
  const pool = (): Promise<pg.Pool> => {
    opened ??= openPool(config).then((made) => {
      // The pool tells of idle connections that the server has closed.
      made.on('error', () => dependency.poke());
      return made;
    });
    return opened;
  };

  const failed = (error: unknown): Error => {
    if (isUnstorableText(error)) {
      return new Problem(400, 'a text holds a character that cannot be stored, such as NUL', { cause: error });
    }
    if (!isOutage(error)) {
      return error as Error;
    }
    dependency.poke();
    return new Unavailable('the database', error);
  };

  const dependency = new Dependency({
    name: 'postgres',
    log,
    probe: async () => {
      if (!isMigrated) {
        await migrate(await pool(), service, migrations);
        isMigrated = true;
      }
      await (await pool()).query('select 1');
    },
  });
  dependency.onChange((check) => {
    // What comes back may be another, empty database.
    isMigrated &&= check === 'ok';
  });

  const queriesOn = (client: Pick<pg.ClientBase, 'query'>): Queries => ({
    async query<Row extends pg.QueryResultRow>(text: string, values: readonly unknown[] = []) {
      try {
        return (await client.query<Row>(text, [...values])).rows;
      } catch (error) {
        throw failed(error);
      }
    },
  });

  return {
    dependency,
    query: async (text, values) => queriesOn((await pool()) as unknown as pg.ClientBase).query(text, values),
    async transaction(work) {
      const client = await (await pool()).connect().catch((error: unknown) => {
        throw failed(error);
      });
      const queries = queriesOn(client);
      let isBroken = false;
      try {
        await queries.query('begin');
        const result = await work(queries);
        await queries.query('commit');
        return result;
      } catch (error) {
        // What was rolled back is as good as new. A connection that has failed is closed, which rolls back, too.
        isBroken = error instanceof Unavailable || !(await isRolledBack(client));
        throw error;
      } finally {
        client.release(isBroken);
      }
    },
    async connect() {
      const { default: driver } = await import('pg');
      const client = new driver.Client(config);
      await client.connect();
      return client;
    },
    async close() {
      await (await opened)?.end();
    },
  };
}

function isRolledBack(client: Pick<pg.ClientBase, 'query'>): Promise<boolean> {
  return client.query('rollback').then(
    () => true,
    () => false,
  );
}

function configOf(service: string, target: PostgresTarget) {
  return {
    host: target.host,
    port: target.port,
    database: target.database,
    user: target.user,
    ...(target.password === undefined ? {} : { password: target.password }),
    application_name: service,
    connectionTimeoutMillis: CONNECT_MS,
  };
}

async function openPool(config: ReturnType<typeof configOf>): Promise<pg.Pool> {
  const { default: driver } = await import('pg');
  const pool = new driver.Pool({ ...config, max: POOL_SIZE, query_timeout: QUERY_MS });
  // The pool hears of broken connections only while they are idle. One that breaks within a transaction fails its
  // statement, which is enough: without a listener its error would also end the process.
  pool.on('connect', (client) => {
    client.on('error', () => undefined);
  });
  return pool;
}

/**
 * The server's own errors carry an SQLSTATE: those of class 08 (connection), 53 (resources) and 57P (shutdown, start-up)
 * pass by themselves. https://www.postgresql.org/docs/15/errcodes-appendix.html
 */
export function isOutage(error: unknown): boolean {
  const code: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, 'code') : undefined;
  const isSqlState = typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && !/^E[A-Z]{4}$/.test(code);
  return isSqlState ? /^(?:08|53|57P)/.test(code) : error instanceof Error;
}

/** PostgreSQL's texts hold any character but NUL: 22021 and, in JSON, 22P05 say so. */
function isUnstorableText(error: unknown): boolean {
  const code: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, 'code') : undefined;
  return code === '22021' || code === '22P05';
}

/** One service at a time, and each keeps its own list of what was done. */
async function migrate(pool: pg.Pool, service: string, migrations: URL): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
    const { runner } = await import('node-pg-migrate');
    await runner({
      dbClient: client,
      dir: fileURLToPath(migrations),
      direction: 'up',
      migrationsTable: `migrations_${service.replaceAll('-', '_')}`,
      // The lock above waits for its turn, where the library's would give up.
      noLock: true,
      log: () => undefined,
    });
  } finally {
    // Closing the connection gives the lock back, whatever happened.
    client.release(true);
  }
}
