import { Agent, request } from 'node:http';
import { hostOf, portOf } from './settings.ts';

const TIMEOUT_MS = 2000;

export interface ConsulAnswer {
  readonly status: number;
  readonly text: string;
}

/** Requests to Consul's HTTP API. Each ends within two seconds, with an answer or an error. */
export class ConsulHttp {
  readonly #base: URL;
  readonly #agent = new Agent({ keepAlive: true });

  constructor(base: URL) {
    this.#base = base;
  }

  /** @throws Error for any status but 200 and those that are `allowed` */
  async ask(method: 'GET' | 'PUT' | 'DELETE', path: string, body?: unknown, ...allowed: readonly number[]) {
    const answer = await this.send(method, path, body);
    return allowed.includes(answer.status) ? answer : accepted(answer);
  }

  /** @throws Error for any status but 200 */
  async json(method: 'GET' | 'PUT', path: string, body?: unknown): Promise<unknown> {
    const { text } = await this.ask(method, path, body);
    return text === '' ? undefined : JSON.parse(text);
  }

  send(method: string, path: string, body?: unknown): Promise<ConsulAnswer> {
    return new Promise((resolve, reject) => {
      const target = { host: hostOf(this.#base), port: portOf(this.#base), agent: this.#agent, method, path };
      const signal = AbortSignal.timeout(TIMEOUT_MS);
      const fail = (error: Error): void =>
        reject(signal.aborted ? new Error(`Consul did not answer within ${TIMEOUT_MS} ms`) : error);
      const sent = request({ ...target, signal }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', fail);
        response.on('end', () => {
          resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') });
        });
      });
      sent.on('error', fail);
      sent.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }

  /** Without a leader Consul answers, but keeps nothing. */
  async requireLeader(): Promise<void> {
    const leader = await this.json('GET', '/v1/status/leader');
    if (typeof leader !== 'string' || leader === '') {
      throw new Error('no leader elected yet');
    }
  }

  close(): void {
    this.#agent.destroy();
  }
}

export function accepted(answer: ConsulAnswer): ConsulAnswer {
  if (answer.status !== 200) {
    throw new Error(`Consul answered ${answer.status}: ${answer.text.trim().slice(0, 200)}`);
  }
  return answer;
}
