import { type Database, type Logger, type RunningService, repeat } from '@toskamesh/shared';

const EVERY_MS = 60_000;
/** A statement of this size takes moments, and holds up no insert for longer. */
const BATCH = 200;
/** Any number will do, as long as nothing else that uses this database takes the same. */
const RETENTION_LOCK = 7_305_512;

export interface RetentionOptions {
  readonly database: Database;
  readonly hours: number;
  readonly log: Logger;
}

/** Deletes traces to which nothing was added for so long; of several replicas one does it at a time. */
export function startRetention({ database, hours, log }: RetentionOptions): RunningService {
  let isOver = false;
  const sweep = async (): Promise<void> => {
    let total = 0;
    let deleted = BATCH;
    while (database.dependency.ok && deleted === BATCH && !isOver) {
      deleted = await deleteBatch(database, hours);
      total += deleted;
    }
    if (total > 0) {
      log.info({ traces: total }, 'deleted old traces');
    }
  };
  const sweeping = repeat(sweep, { what: 'delete old traces', everyMs: EVERY_MS, log });
  return {
    async stop() {
      isOver = true;
      await sweeping.stop();
    },
  };
}

/** @returns how many traces were deleted; 0 also when another replica is at it */
export async function deleteBatch(database: Database, hours: number): Promise<number> {
  return database.transaction(async ({ query }) => {
    const [lock] = await query<{ taken: boolean }>('select pg_try_advisory_xact_lock($1) as taken', [RETENTION_LOCK]);
    if (lock?.taken !== true) {
      return 0;
    }
    const deleted = await query(
      `delete from trace_traces where trace_id in (
         select trace_id from trace_traces where received_at < now() - make_interval(hours => $1)
         order by received_at limit $2)
       returning trace_id`,
      [hours, BATCH],
    );
    return deleted.length;
  });
}
