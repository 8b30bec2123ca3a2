import type { Database, Queries } from '@toskamesh/shared';
import {
  createRefreshToken,
  decideRefresh,
  hashSecret,
  parseRefreshToken,
  type RefreshDecision,
  type RefreshToken,
  renderRefreshToken,
} from './refresh-token.ts';
import type { User } from './users.ts';

/** More are more than a user has devices; the oldest ends when another begins. */
const MAX_PER_USER = 20;

export type Refreshed =
  | { readonly kind: 'rotated'; readonly user: User; readonly refreshToken: string }
  | { readonly kind: Exclude<RefreshDecision, 'rotate'> };

interface SessionRow {
  readonly secret_hash: Buffer;
  readonly expires_at: Date;
  readonly now: Date;
  readonly user_id: string;
  readonly username: string;
}

/** The users' sessions, in PostgreSQL. */
export class Sessions {
  readonly #database: Database;
  readonly #lifetimeDays: number;

  /** @param lifetimeDays - after which a session ends that is not refreshed */
  constructor(database: Database, lifetimeDays: number) {
    this.#database = database;
    this.#lifetimeDays = lifetimeDays;
  }

  /** The first refresh token of a new session. */
  async begin(userId: string): Promise<string> {
    const token = createRefreshToken();
    await this.#database.transaction(async (queries) => {
      await queries.query(
        `insert into auth_sessions (id, user_id, secret_hash, expires_at)
         values ($1, $2, $3, now() + make_interval(days => $4))`,
        [token.sessionId, userId, hashSecret(token.secret), this.#lifetimeDays],
      );
      await queries.query(
        `delete from auth_sessions where id in (
           select id from auth_sessions where user_id = $1
           order by created_at desc, id offset $2 for update skip locked)`,
        [userId, MAX_PER_USER],
      );
    });
    return renderRefreshToken(token);
  }

  /** Gives a new token for the newest one of a session; an older one ends the session. */
  async refresh(text: string): Promise<Refreshed> {
    const token = parseRefreshToken(text);
    if (token === undefined) {
      return { kind: 'unknown' };
    }
    return this.#database.transaction((queries) => this.#refresh(queries, token));
  }

  /** Ends the session of a token, if there is one. */
  async end(text: string): Promise<void> {
    const token = parseRefreshToken(text);
    if (token !== undefined) {
      await this.#database.query('delete from auth_sessions where id = $1', [token.sessionId]);
    }
  }

  async #refresh(queries: Queries, { sessionId, secret }: RefreshToken): Promise<Refreshed> {
    // Locked, so that of two refreshes with one token the second sees what the first made of it.
    const [row] = await queries.query<SessionRow>(
      `select s.secret_hash, s.expires_at, now() as now, s.user_id, u.username
       from auth_sessions s join auth_users u on u.id = s.user_id where s.id = $1 for update of s`,
      [sessionId],
    );
    const session = row === undefined ? undefined : { secretHash: row.secret_hash, expiresAt: row.expires_at };
    const decision = decideRefresh(session, secret, row?.now ?? new Date());
    if (row === undefined || decision === 'unknown') {
      return { kind: 'unknown' };
    }
    if (decision !== 'rotate') {
      await queries.query('delete from auth_sessions where id = $1', [sessionId]);
      return { kind: decision };
    }
    const next = createRefreshToken(sessionId);
    await queries.query(
      `update auth_sessions set secret_hash = $2, expires_at = now() + make_interval(days => $3) where id = $1`,
      [sessionId, hashSecret(next.secret), this.#lifetimeDays],
    );
    const user = { id: row.user_id, username: row.username };
    return { kind: 'rotated', user, refreshToken: renderRefreshToken(next) };
  }
}
