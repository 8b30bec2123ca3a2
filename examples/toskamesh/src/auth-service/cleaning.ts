import { type Database, type Logger, type RunningService, repeat } from '@toskamesh/shared';

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

/** Deletes what has expired: when the database answers for the first time, and every minute from then on. */
export function startCleaning(database: Database, log: Logger): RunningService {
  let cleaning: RunningService | undefined;
  database.dependency.onChange((check) => {
    if (check === 'ok') {
      cleaning ??= repeat(() => clean(database), { what: 'delete what has expired', everyMs: EVERY_MS, log });
    }
  });
  return { stop: async () => cleaning?.stop() };
}

async function clean(database: Database): Promise<void> {
  for (const statement of STATEMENTS) {
    let rows: readonly unknown[];
    do {
      rows = await database.query(statement);
    } while (rows.length === BATCH_ROWS);
  }
}
