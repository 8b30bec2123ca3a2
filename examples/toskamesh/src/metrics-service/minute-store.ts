import type { Database } from '@toskamesh/shared';
import { OVERVIEW_METRICS, type ServiceOverview } from './overview.ts';

/** Some hours of a small mesh: what an outage of the database may take before the oldest rows are lost. */
const MAX_WAITING = 20_000;
const BATCH = 1000;
const KEPT_DAYS = 7;
const MINUTE_MS = 60_000;

interface MinuteRow {
  readonly service: string;
  readonly metric: string;
  readonly minute: string;
  readonly value: number;
}

export interface StoredOverview {
  readonly overview: ServiceOverview;
  readonly minute: Date;
}

/** One row a minute for each service and metric, so that an overview outlives the process that made it. */
export class MinuteStore {
  readonly #database: Database;
  /** The newest value of each row that is not written yet. */
  readonly #waiting = new Map<string, MinuteRow>();

  constructor(database: Database) {
    this.#database = database;
  }

  note(service: string, overview: ServiceOverview, nowMs: number): void {
    const minute = new Date(Math.floor(nowMs / MINUTE_MS) * MINUTE_MS).toISOString();
    for (const metric of OVERVIEW_METRICS) {
      const value = overview[metric];
      if (value !== undefined) {
        this.#waiting.set(JSON.stringify([minute, service, metric]), { service, metric, minute, value });
      }
    }
    for (const oldest of this.#waiting.keys()) {
      if (this.#waiting.size <= MAX_WAITING) break;
      this.#waiting.delete(oldest);
    }
  }

  /** Writes what waits. What could not be written goes on waiting. */
  async flush(): Promise<void> {
    while (this.#waiting.size > 0) {
      const batch = [...this.#waiting].slice(0, BATCH);
      // In one order, so that replicas that write the same rows wait for each other and never both.
      await this.#database.query(
        `insert into metrics_minutes (service, metric, minute, value)
         select * from jsonb_to_recordset($1::jsonb)
           as row (service text, metric text, minute timestamptz, value double precision)
         order by service, metric, minute
         on conflict (service, metric, minute) do update set value = excluded.value`,
        [JSON.stringify(batch.map(([, row]) => row))],
      );
      for (const [key, row] of batch) {
        // One that was noted anew meanwhile is written with the next batch.
        if (this.#waiting.get(key) === row) this.#waiting.delete(key);
      }
    }
  }

  async deleteOld(): Promise<void> {
    await this.#database.query(
      `delete from metrics_minutes where ctid = any (array(
         select ctid from metrics_minutes where minute < now() - make_interval(days => $1)
         limit $2 for update skip locked))`,
      [KEPT_DAYS, BATCH],
    );
  }

  /** The last minute of each service. */
  async latest(): Promise<ReadonlyMap<string, StoredOverview>> {
    const rows = await this.#database.query<{ service: string; minute: Date; overview: ServiceOverview }>(
      `select service, minute, jsonb_object_agg(metric, value) as overview
       from metrics_minutes join (select service, max(minute) as minute from metrics_minutes group by service) as last
         using (service, minute)
       group by service, minute`,
    );
    return new Map(rows.map(({ service, minute, overview }) => [service, { overview, minute }]));
  }
}
