import { type Database, describeError, type Logger } from '@toskamesh/shared';

const EVERY_MS = 60_000;
/** Few enough that a statement ends within its time. */
const BATCH_ROWS = 1000;

/** Rows that are locked are in use by a request, and another replica may be cleaning, too: neither is waited for. */
const STATEMENTS = [
  `delete from auth_attempts where key in (
     select key from auth_attempts where window_ends < now() limit ${BATCH_ROWS} for update skip locked) returning 1`,
  `delete from auth_sessions where id in (
     select id from auth_sessions where expires_at < now() limit ${BATCH_ROWS} for update skip locked) returning 1`,
];

/** Deletes what has expired: when the database begins to answer, and every minute. The function it returns stops that. */
export function startCleaning(database: Database, log: Logger): () => void {
  const run = (): void => {
    void clean(database).catch((error: unknown) => {
      log.warn({ reason: describeError(error) }, 'could not delete what has expired; tried again in a minute');
    });
  };
  database.dependency.onChange((check) => {
    if (check === 'ok') {
      run();
    }
  });
  const timer = setInterval(run, EVERY_MS);
  return () => clearInterval(timer);
}

async function clean(database: Database): Promise<void> {
  for (const statement of STATEMENTS) {
    let rows: readonly unknown[];
    do {
      rows = await database.query(statement);
    } while (rows.length === BATCH_ROWS);
  }
}
