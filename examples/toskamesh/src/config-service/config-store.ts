import { type Database, Problem, type Queries } from '@toskamesh/shared';
import { nextVersion } from './change.ts';
import { type ConfigDocument, type ConfigKey, type ConfigValues, describeKey, type VersionNote } from './document.ts';
import type { Conditions } from './precondition.ts';

/** The channel on which PostgreSQL tells every replica the name of what was changed; see `describeKey`. */
export const CHANNEL = 'config_changed';

export interface Change {
  readonly changedBy: string;
  readonly conditions: Conditions;
}

export interface Changed {
  readonly document: ConfigDocument;
  /** There was none before, or it had been deleted. */
  readonly created: boolean;
}

export interface HistoryPage {
  readonly limit: number;
  /** Only versions lower than this one. */
  readonly before: number;
}

interface VersionRow {
  readonly service: string;
  readonly environment: string;
  readonly version: number;
  readonly is_deletion: boolean;
  readonly content?: ConfigValues | null;
  readonly changed_by: string;
  readonly changed_at: Date;
}

interface EntryRow {
  readonly version: number;
  readonly exists: boolean;
}

const NOTE = 'service, environment, version, content is null as is_deletion, changed_by, changed_at';

/** The versions of every configuration, in PostgreSQL. */
export class ConfigStore {
  readonly #database: Database;
  readonly #keptVersions: number;

  /** @param keptVersions - how many versions of each configuration are kept; older ones are deleted */
  constructor(database: Database, keptVersions: number) {
    this.#database = database;
    this.#keptVersions = keptVersions;
  }

  /** The newest version, which may be a deletion; undefined when there has never been one. */
  async newest({ service, environment }: ConfigKey): Promise<ConfigDocument | undefined> {
    const [row] = await this.#database.query<VersionRow>(
      `select ${NOTE}, content from config_versions where service = $1 and environment = $2
       order by version desc limit 1`,
      [service, environment],
    );
    return row && documentOf(row);
  }

  async version({ service, environment }: ConfigKey, version: number): Promise<ConfigDocument | undefined> {
    const [row] = await this.#database.query<VersionRow>(
      `select ${NOTE}, content from config_versions where service = $1 and environment = $2 and version = $3`,
      [service, environment, version],
    );
    return row && documentOf(row);
  }

  /** Newest first. */
  async history({ service, environment }: ConfigKey, { limit, before }: HistoryPage): Promise<readonly VersionNote[]> {
    const rows = await this.#database.query<VersionRow>(
      `select ${NOTE} from config_versions where service = $1 and environment = $2 and version < $3
       order by version desc limit $4`,
      [service, environment, before, limit],
    );
    return rows.map(noteOf);
  }

  /** The newest version of each that is not deleted, by name, from the first after `after` on. */
  async list(after: ConfigKey, limit: number): Promise<readonly VersionNote[]> {
    const rows = await this.#database.query<VersionRow>(
      `select ${NOTE} from config_entries join config_versions using (service, environment, version)
       where (service, environment) > ($1, $2) and content is not null
       order by service, environment limit $3`,
      [after.service, after.environment, limit],
    );
    return rows.map(noteOf);
  }

  /** @throws Problem 412 */
  put(key: ConfigKey, values: ConfigValues, change: Change): Promise<Changed> {
    return this.#change(key, change, async () => values);
  }

  /** @throws Problem 404 when there is none, 412 */
  delete(key: ConfigKey, change: Change): Promise<Changed> {
    return this.#change(key, change, async (_, { exists }) => {
      if (!exists) {
        throw new Problem(404, `there is no ${describeKey(key)}`);
      }
      return null;
    });
  }

  /** @throws Problem 404 when that version is not kept, 409 when it is a deletion, 412 */
  rollback(key: ConfigKey, version: number, change: Change): Promise<Changed> {
    return this.#change(key, change, async (queries) => {
      const [row] = await queries.query<{ readonly content: ConfigValues | null }>(
        'select content from config_versions where service = $1 and environment = $2 and version = $3',
        [key.service, key.environment, version],
      );
      if (row === undefined) {
        throw new Problem(404, `version ${version} of ${describeKey(key)} is not kept`);
      }
      if (row.content === null) {
        throw new Problem(409, `version ${version} of ${describeKey(key)} is its deletion: use DELETE`);
      }
      return row.content;
    });
  }

  /** One change of a configuration at a time, on whichever replica: the entry's row is locked from its first line on. */
  #change(
    key: ConfigKey,
    { changedBy, conditions }: Change,
    valuesOf: (queries: Queries, entry: EntryRow) => Promise<ConfigValues | null>,
  ): Promise<Changed> {
    const { service, environment } = key;
    return this.#database.transaction(async (queries) => {
      const entry = await lockEntry(queries, key);
      const version = nextVersion(key, entry, conditions);
      const values = await valuesOf(queries, entry);
      const content = values === null ? null : JSON.stringify(values);
      const [row] = await queries.query<VersionRow>(
        `insert into config_versions (service, environment, version, content, changed_by)
         values ($1, $2, $3, $4::json, $5) returning ${NOTE}, content`,
        [service, environment, version, content, changedBy],
      );
      await queries.query('update config_entries set version = $3 where service = $1 and environment = $2', [
        service,
        environment,
        version,
      ]);
      await queries.query('delete from config_versions where service = $1 and environment = $2 and version <= $3', [
        service,
        environment,
        version - this.#keptVersions,
      ]);
      // Sent when the transaction commits, and not at all when it does not.
      await queries.query('select pg_notify($1, $2)', [CHANNEL, describeKey(key)]);
      if (row === undefined) {
        throw new Error('PostgreSQL returned no row for an insert');
      }
      return { document: documentOf(row), created: !entry.exists };
    });
  }
}

/** Makes the row that is locked when it is missing, so that two who create one at the same moment also take turns. */
async function lockEntry(queries: Queries, { service, environment }: ConfigKey): Promise<EntryRow> {
  await queries.query(
    'insert into config_entries (service, environment, version) values ($1, $2, 0) on conflict do nothing',
    [service, environment],
  );
  const [locked] = await queries.query<{ readonly version: number }>(
    'select version from config_entries where service = $1 and environment = $2 for update',
    [service, environment],
  );
  const version = locked?.version ?? 0;
  const [newest] = await queries.query<{ readonly exists: boolean }>(
    `select content is not null as exists from config_versions
     where service = $1 and environment = $2 and version = $3`,
    [service, environment, version],
  );
  return { version, exists: newest?.exists ?? false };
}

function noteOf(row: VersionRow): VersionNote {
  const { service, environment, version, is_deletion, changed_by: changedBy, changed_at: changedAt } = row;
  return { service, environment, version, changedBy, changedAt, ...(is_deletion ? { deleted: true } : {}) };
}

function documentOf(row: VersionRow): ConfigDocument {
  return { ...noteOf(row), values: row.content ?? null };
}
