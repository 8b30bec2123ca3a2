import { ConsulHttp } from './consul-http.ts';

export interface SessionOptions {
  readonly name: string;
  /** At least ten; Consul ends a session that is not renewed within once to twice this time. */
  readonly ttlSeconds: number;
  /** For how long nobody else gets a key whose holder's session has ended without giving it back. */
  readonly lockDelaySeconds: number;
}

/** A key of Consul's store. */
export interface KeyEntry {
  readonly key: string;
  readonly value: string;
  /** Whose it is; undefined when it is free. */
  readonly session: string | undefined;
}

interface RawEntry {
  readonly Key: string;
  readonly Value: string | null;
  readonly Session?: string;
}

/**
 * Keys that belong to a session and vanish with it, as in Consul's guide to leader election:
 * https://developer.hashicorp.com/consul/docs/dynamic-app-config/sessions
 */
export class ConsulLocks {
  readonly #http: ConsulHttp;

  constructor(base: URL) {
    this.#http = new ConsulHttp(base);
  }

  async createSession({ name, ttlSeconds, lockDelaySeconds }: SessionOptions): Promise<string> {
    const answer = await this.#http.json('PUT', '/v1/session/create', {
      Name: name,
      TTL: `${ttlSeconds}s`,
      LockDelay: `${lockDelaySeconds}s`,
      Behavior: 'delete',
    });
    return (answer as { readonly ID: string }).ID;
  }

  /** @returns false when there is no such session any more */
  async renewSession(id: string): Promise<boolean> {
    const { status } = await this.#http.ask('PUT', `/v1/session/renew/${id}`, undefined, 404);
    return status === 200;
  }

  /** Ends a session, and with it what it holds. */
  async destroySession(id: string): Promise<void> {
    await this.#http.ask('PUT', `/v1/session/destroy/${id}`);
  }

  /** @returns whether the key is now the session's: it is not while another session has it */
  async acquire(key: string, session: string, value: object): Promise<boolean> {
    return (await this.#http.json('PUT', `/v1/kv/${key}?acquire=${session}`, value)) === true;
  }

  /** Gives a key back, so that others can have it at once. */
  async release(key: string, session: string): Promise<void> {
    await this.#http.json('PUT', `/v1/kv/${key}?release=${session}`);
  }

  /** All keys that begin with `prefix`. */
  async list(prefix: string): Promise<readonly KeyEntry[]> {
    // Consul says 404 when there is none.
    const { status, text } = await this.#http.ask('GET', `/v1/kv/${prefix}?recurse&consistent`, undefined, 404);
    const entries = status === 404 ? [] : (JSON.parse(text) as readonly RawEntry[]);
    return entries.map(({ Key: key, Value, Session: session }) => ({
      key,
      value: Buffer.from(Value ?? '', 'base64').toString('utf8'),
      session,
    }));
  }

  close(): void {
    this.#http.close();
  }
}
