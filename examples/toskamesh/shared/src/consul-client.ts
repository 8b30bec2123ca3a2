import { Agent, request } from 'node:http';
import type { Instance } from './instance.ts';
import { hostOf, portOf } from './settings.ts';

const TIMEOUT_MS = 2000;
const OWN_TAG = 'toskamesh';
const TTL_SECONDS = 15;

interface AgentService {
  readonly ID: string;
  readonly Service: string;
  readonly Address: string;
  readonly Port: number;
  readonly Meta: Readonly<Record<string, string>> | null;
}

interface AgentCheck {
  readonly ServiceID: string;
  readonly Status: string;
}

/** As much of Consul's agent API as a registry needs: https://developer.hashicorp.com/consul/api-docs/agent */
export class ConsulClient {
  readonly #base: URL;
  readonly #agent = new Agent({ keepAlive: true });

  constructor(base: URL) {
    this.#base = base;
  }

  /** Without a leader Consul answers, but keeps nothing. */
  async requireLeader(): Promise<void> {
    const leader = await this.#json('GET', '/v1/status/leader');
    if (typeof leader !== 'string' || leader === '') {
      throw new Error('no leader elected yet');
    }
  }

  async register(instance: Instance): Promise<void> {
    await this.#json('PUT', '/v1/agent/service/register?replace-existing-checks=true', {
      ID: instance.id,
      Name: instance.service,
      Address: instance.address,
      Port: instance.port,
      Tags: [OWN_TAG, instance.scheme],
      Meta: { ...instance.metadata, scheme: instance.scheme, healthPath: instance.healthPath },
      // The instance says that it lives, for Consul in a container may be unable to reach a process on the host.
      Check: {
        CheckID: checkId(instance.id),
        TTL: `${TTL_SECONDS}s`,
        Status: instance.passing ? 'passing' : 'warning',
        DeregisterCriticalServiceAfter: '1m',
      },
    });
  }

  /**
   * Says that the instance lives. One that cannot work warns: a critical one would be deregistered after a while.
   *
   * @returns false when Consul knows no such instance
   */
  async heartbeat(id: string, passing = true): Promise<boolean> {
    const verdict = passing ? 'pass' : 'warn';
    const { status, text } = await this.#send('PUT', `/v1/agent/check/${verdict}/${encodeURIComponent(checkId(id))}`);
    // Consul before 1.17 says 500 and "Unknown check ID" in some paths, 404 in others.
    return status === 404 || /unknown check/i.test(text) ? false : accept(status, text, true);
  }

  async deregister(id: string): Promise<boolean> {
    const { status, text } = await this.#send('PUT', `/v1/agent/service/deregister/${encodeURIComponent(id)}`);
    return status === 404 || /unknown service/i.test(text) ? false : accept(status, text, true);
  }

  async list(): Promise<readonly Instance[]> {
    const filter = (expression: string) => `?filter=${encodeURIComponent(expression)}`;
    const [services, checks] = await Promise.all([
      this.#json('GET', `/v1/agent/services${filter(`"${OWN_TAG}" in Tags`)}`),
      this.#json('GET', `/v1/agent/checks${filter(`"${OWN_TAG}" in ServiceTags`)}`),
    ]);
    const failing = new Set<string>();
    for (const check of Object.values((checks ?? {}) as Record<string, AgentCheck>)) {
      if (check.Status !== 'passing') {
        failing.add(check.ServiceID);
      }
    }
    return Object.values((services ?? {}) as Record<string, AgentService>).map((service) => {
      const { scheme = 'http', healthPath = '', ...metadata } = service.Meta ?? {};
      return {
        id: service.ID,
        service: service.Service,
        address: service.Address,
        port: service.Port,
        scheme,
        healthPath,
        passing: !failing.has(service.ID),
        metadata,
      };
    });
  }

  close(): void {
    this.#agent.destroy();
  }

  async #json(method: string, path: string, body?: unknown): Promise<unknown> {
    const { status, text } = await this.#send(method, path, body);
    accept(status, text, true);
    return text === '' ? undefined : JSON.parse(text);
  }

  #send(method: string, path: string, body?: unknown): Promise<{ readonly status: number; readonly text: string }> {
    return new Promise((resolve, reject) => {
      const target = { host: hostOf(this.#base), port: portOf(this.#base), agent: this.#agent, method, path };
      const sent = request({ ...target, signal: AbortSignal.timeout(TIMEOUT_MS) }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') });
        });
      });
      sent.on('error', reject);
      sent.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }
}

function checkId(id: string): string {
  return `ttl:${id}`;
}

function accept<T>(status: number, text: string, value: T): T {
  if (status !== 200) {
    throw new Error(`Consul answered ${status}: ${text.trim().slice(0, 200)}`);
  }
  return value;
}
