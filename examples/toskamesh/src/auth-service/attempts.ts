import { Problem, type Queries } from '@toskamesh/shared';
import { type AttemptLimits, type AttemptWindow, retryAfterSeconds } from './attempt-limit.ts';

/** In one statement, so that of tries at the same moment, on whichever replica, each is counted. */
const COUNT = `
  insert into auth_attempts as seen (key, attempts, window_ends)
  values ($1, 1, now() + make_interval(secs => $2))
  on conflict (key) do update set
    attempts = case when seen.window_ends <= now() then 1 else seen.attempts + 1 end,
    window_ends = case when seen.window_ends <= now() then excluded.window_ends else seen.window_ends end
  returning attempts, extract(epoch from window_ends - now())::float as ends_in_seconds`;

interface CountRow {
  readonly attempts: number;
  readonly ends_in_seconds: number;
}

/** Counts tries per address and per username, and refuses those that are too many. */
export class Attempts {
  readonly #queries: Queries;
  readonly #limits: AttemptLimits;

  constructor(queries: Queries, limits: AttemptLimits) {
    this.#queries = queries;
    this.#limits = limits;
  }

  /** @throws Problem 429 */
  async countAddress(address: string): Promise<void> {
    await this.#count(`address:${address}`, this.#limits.perAddress, 'this address');
  }

  /**
   * Call it after `countAddress`: an address that is refused then cannot fill the table with names that it makes up.
   *
   * @throws Problem 429
   */
  async countUsername(usernameKey: string): Promise<void> {
    await this.#count(usernameRow(usernameKey), this.#limits.perUsername, 'this username');
  }

  async forgetUsername(usernameKey: string): Promise<void> {
    await this.#queries.query('delete from auth_attempts where key = $1', [usernameRow(usernameKey)]);
  }

  async #count(key: string, limit: number, whose: string): Promise<void> {
    const [row] = await this.#queries.query<CountRow>(COUNT, [key, this.#limits.windowSeconds]);
    const window: AttemptWindow = { attempts: row?.attempts ?? 0, endsInSeconds: row?.ends_in_seconds ?? 0 };
    const seconds = retryAfterSeconds(window, limit);
    if (seconds !== undefined) {
      throw new Problem(429, `too many attempts for ${whose}; try again in ${seconds} s`, {
        headers: { 'retry-after': String(seconds) },
      });
    }
  }
}

function usernameRow(usernameKey: string): string {
  return `username:${usernameKey}`;
}
