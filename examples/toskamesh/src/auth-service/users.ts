import { Problem, type Queries } from '@toskamesh/shared';

export interface User {
  readonly id: string;
  /** As it was registered. */
  readonly username: string;
}

export interface StoredUser extends User {
  readonly passwordHash: string;
}

interface UserRow {
  readonly id: string;
  readonly username: string;
  readonly password_hash: string;
  readonly created_at: Date;
}

/** Usernames that differ in case alone are one. Computed here, since what a database calls lower is its locale's. */
export function usernameKeyOf(username: string): string {
  return username.toLowerCase();
}

/** The users, in PostgreSQL. */
export class Users {
  readonly #queries: Queries;

  constructor(queries: Queries) {
    this.#queries = queries;
  }

  /** @throws Problem 409 when the name is taken */
  async add(username: string, passwordHash: string): Promise<User> {
    const [row] = await this.#queries.query<UserRow>(
      `insert into auth_users (username, username_key, password_hash) values ($1, $2, $3)
       on conflict (username_key) do nothing returning id`,
      [username, usernameKeyOf(username), passwordHash],
    );
    if (row === undefined) {
      throw new Problem(409, `the username ${username} is taken`);
    }
    return { id: row.id, username };
  }

  async named(username: string): Promise<StoredUser | undefined> {
    const [row] = await this.#queries.query<UserRow>(
      'select id, username, password_hash from auth_users where username_key = $1',
      [usernameKeyOf(username)],
    );
    return row === undefined ? undefined : { id: row.id, username: row.username, passwordHash: row.password_hash };
  }

  async withId(id: string): Promise<(User & { readonly createdAt: Date }) | undefined> {
    const [row] = await this.#queries.query<UserRow>(
      // As text, since the subject of a token that another issuer signed need not be a UUID.
      'select id, username, created_at from auth_users where id::text = $1',
      [id],
    );
    return row === undefined ? undefined : { id: row.id, username: row.username, createdAt: row.created_at };
  }

  /** Changes nothing when the password was changed meanwhile. */
  async replaceHash({ id, passwordHash }: StoredUser, newHash: string): Promise<void> {
    await this.#queries.query('update auth_users set password_hash = $3 where id = $1 and password_hash = $2', [
      id,
      passwordHash,
      newHash,
    ]);
  }
}
