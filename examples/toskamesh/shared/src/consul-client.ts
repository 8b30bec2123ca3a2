import { accepted, ConsulHttp } from './consul-http.ts';
import type { Instance } from './instance.ts';

const OWN_TAG = 'toskamesh';
/** An instance that is silent for longer is not called any more. */
export const TTL_SECONDS = 15;

/** An instance in the registry. */
export interface ListedInstance extends Instance {
  /** It has sent no heartbeat for longer than its TTL; one that says that it cannot work is not silent. */
  readonly silent: boolean;
}

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
  readonly #http: ConsulHttp;

  constructor(base: URL) {
    this.#http = new ConsulHttp(base);
  }

  /** Without a leader Consul answers, but keeps nothing. */
  requireLeader(): Promise<void> {
    return this.#http.requireLeader();
  }

  async register(instance: Instance): Promise<void> {
    await this.#http.json('PUT', '/v1/agent/service/register?replace-existing-checks=true', {
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
    const answer = await this.#http.send('PUT', `/v1/agent/check/${verdict}/${encodeURIComponent(checkId(id))}`);
    // Old versions say 500, and in words of their own.
    const isUnknown = answer.status === 404 || /unknown check|not have associated TTL/i.test(answer.text);
    return isUnknown ? false : accepted(answer).status === 200;
  }

  /** @returns false when Consul knows no such instance */
  async deregister(id: string): Promise<boolean> {
    const encoded = encodeURIComponent(id);
    // Old versions take away what is not there without a word.
    const found = await this.#http.ask('GET', `/v1/agent/service/${encoded}`, undefined, 404);
    if (found.status === 404) {
      return false;
    }
    const { status } = await this.#http.ask('PUT', `/v1/agent/service/deregister/${encoded}`, undefined, 404);
    return status === 200;
  }

  async list(): Promise<readonly ListedInstance[]> {
    const filter = (expression: string) => `?filter=${encodeURIComponent(expression)}`;
    const [services, checks] = await Promise.all([
      this.#http.json('GET', `/v1/agent/services${filter(`"${OWN_TAG}" in Tags`)}`),
      this.#http.json('GET', `/v1/agent/checks${filter(`"${OWN_TAG}" in ServiceTags`)}`),
    ]);
    const statusOf = new Map<string, string>();
    for (const check of Object.values((checks ?? {}) as Record<string, AgentCheck>)) {
      statusOf.set(check.ServiceID, check.Status);
    }
    return Object.values((services ?? {}) as Record<string, AgentService>).map((service) => {
      const { scheme = 'http', healthPath = '', ...metadata } = service.Meta ?? {};
      // Between the two answers an instance may have come: its check was not there yet.
      const status = statusOf.get(service.ID) ?? 'passing';
      return {
        id: service.ID,
        service: service.Service,
        address: service.Address,
        port: service.Port,
        scheme,
        healthPath,
        passing: status === 'passing',
        silent: status === 'critical',
        metadata,
      };
    });
  }

  close(): void {
    this.#http.close();
  }
}

function checkId(id: string): string {
  return `ttl:${id}`;
}
