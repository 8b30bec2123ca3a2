import { bearerToken, Problem, SERVICE_AUTH, verifyToken } from '@toskamesh/shared';

/** Checks the token by which services know each other, as it comes in an `authorization` header or gRPC's metadata. */
export class ServiceAccess {
  readonly #secret: string;

  constructor(secret: string) {
    this.#secret = secret;
  }

  /**
   * @param need - a token that is given must be good, be it needed or not
   * @throws Problem 401
   */
  async check(header: string | undefined, need: 'required' | 'optional'): Promise<void> {
    if (header === undefined) {
      if (need === 'required') {
        throw refusal('there is none');
      }
      return;
    }
    const token = bearerToken(header);
    if (token === undefined) {
      throw refusal('it is not a bearer token');
    }
    const verdict = await verifyToken(this.#secret, token, SERVICE_AUTH);
    if (!verdict.ok) {
      throw refusal(verdict.why);
    }
  }
}

function refusal(why: string): Problem {
  return new Problem(401, `the service token is refused: ${why}`, { headers: { 'www-authenticate': 'Bearer' } });
}
