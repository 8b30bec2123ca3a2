import { Problem } from '@toskamesh/shared';
import type { Attempts } from './attempts.ts';
import type { PasswordHasher } from './password-hasher.ts';
import type { Sessions } from './sessions.ts';
import { type User, type Users, usernameKeyOf } from './users.ts';

export interface LoginParts {
  readonly users: Users;
  readonly sessions: Sessions;
  readonly attempts: Attempts;
  readonly hasher: PasswordHasher;
}

export interface LoginRequest {
  readonly username: string;
  readonly password: string;
  readonly address: string;
}

/**
 * Checks a password and begins a session.
 *
 * @throws Problem 401 when user or password is wrong, without saying which; 429 after too many tries
 */
export async function logIn(
  { users, sessions, attempts, hasher }: LoginParts,
  { username, password, address }: LoginRequest,
): Promise<{ readonly user: User; readonly refreshToken: string }> {
  const key = usernameKeyOf(username);
  // Counted before the password is checked: tries at the same moment would else all pass.
  await attempts.countAddress(address);
  await attempts.countUsername(key);
  const user = await users.named(username);
  const match = await hasher.verify(password, user?.passwordHash);
  if (user === undefined || match === 'none') {
    throw new Problem(401, 'username or password is wrong', { headers: { 'www-authenticate': 'Bearer' } });
  }
  if (match === 'outdated') {
    // The only moment at which the password is known.
    await users.replaceHash(user, await hasher.hash(password));
  }
  const refreshToken = await sessions.begin(user.id);
  await attempts.forgetUsername(key);
  return { user, refreshToken };
}
