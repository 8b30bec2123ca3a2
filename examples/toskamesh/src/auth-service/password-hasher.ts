import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import {
  CURRENT_COST,
  isOutdated,
  KEY_BYTES,
  memoryOf,
  type PasswordHash,
  parsePasswordHash,
  renderPasswordHash,
  SALT_BYTES,
  type ScryptCost,
} from './password-hash.ts';
import { WorkSlots } from './work-slots.ts';

/**
 * Two hashes hold 64 MiB and two of libuv's four threads, which look-ups of names share. The queue is as long as what
 * two threads get done in a few seconds: who waits longer has given up.
 */
const LIMITS = { running: 2, waiting: 20 };

export type Match = 'current' | 'outdated' | 'none';

/** Computes and checks hashes of passwords; the memory that it takes is bounded. */
export class PasswordHasher {
  readonly #slots = new WorkSlots(LIMITS);
  /** Of no password: what is compared with it never matches. */
  readonly #dummy: PasswordHash = { cost: CURRENT_COST, salt: randomBytes(SALT_BYTES), key: randomBytes(KEY_BYTES) };

  /** @throws Problem 503 when too many hashes wait already */
  async hash(password: string): Promise<string> {
    const salt = randomBytes(SALT_BYTES);
    const key = await this.#derive(password, salt, CURRENT_COST, KEY_BYTES);
    return renderPasswordHash({ cost: CURRENT_COST, salt, key });
  }

  /**
   * `outdated` is a match that should be hashed anew.
   *
   * @param stored - undefined for a user that does not exist: takes as long as a wrong password, so that the time does
   *   not tell who has an account
   * @throws Problem 503 when too many hashes wait already
   */
  async verify(password: string, stored: string | undefined): Promise<Match> {
    const expected = stored === undefined ? this.#dummy : parsePasswordHash(stored);
    const key = await this.#derive(password, expected.salt, expected.cost, expected.key.length);
    if (!timingSafeEqual(key, expected.key)) {
      return 'none';
    }
    return isOutdated(expected) ? 'outdated' : 'current';
  }

  #derive(password: string, salt: Buffer, cost: ScryptCost, bytes: number): Promise<Buffer> {
    // The same letters are typed as different code points on different keyboards.
    const text = password.normalize('NFKC');
    // OpenSSL counts some more than the block that is filled.
    const options = { N: 2 ** cost.ln, r: cost.r, p: cost.p, maxmem: 2 * memoryOf(cost) };
    return this.#slots.run(
      () =>
        new Promise((resolve, reject) => {
          scrypt(text, salt, bytes, options, (error, key) => (error === null ? resolve(key) : reject(error)));
        }),
    );
  }
}
