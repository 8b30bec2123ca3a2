import type { Instance } from '@toskamesh/shared';
import { RoundRobin } from './round-robin.ts';
import type { Upstream } from './upstream.ts';

/** Services without an instance that are remembered, so that a call of them is answered 503 and not 404. */
const MAX_IDLE_SERVICES = 1000;

/** They speak to services alone, whoever asks; and a gateway that called itself would do so for ever. */
const NEVER_CALLED: ReadonlySet<string> = new Set(['gateway', 'discovery', 'core']);

export interface ServiceEntry {
  readonly name: string;
  readonly robin: RoundRobin;
  /** In the order of their ids, so that a list in another order changes no turn. */
  readonly upstreams: readonly Upstream[];
  /** Those of them that discovery says can be called. */
  readonly passing: readonly Upstream[];
}

/**
 * What discovery last said of the instances, by service. How many there are is bounded by what fits into one gRPC
 * message, 4 MiB, which is some ten thousand.
 */
export class InstanceTable {
  readonly #open: (instance: Instance) => Upstream;
  readonly #close: (upstream: Upstream) => void;
  #services = new Map<string, ServiceEntry>();
  #upstreams = new Map<string, Upstream>();
  #isLoaded = false;

  /** @param close - called with each upstream that is in the table no more */
  constructor(open: (instance: Instance) => Upstream, close: (upstream: Upstream) => void) {
    this.#open = open;
    this.#close = close;
  }

  /** Whether there was ever a list. */
  get isLoaded(): boolean {
    return this.#isLoaded;
  }

  get services(): readonly ServiceEntry[] {
    return [...this.#services.values()].sort((a, b) => a.name.localeCompare(b.name));
  }

  get instances(): readonly Instance[] {
    return [...this.#upstreams.values()].map(({ instance }) => instance);
  }

  /** Undefined when no instance of it was ever seen. */
  service(name: string): ServiceEntry | undefined {
    return this.#services.get(name);
  }

  replace(instances: readonly Instance[]): void {
    this.#isLoaded = true;
    const before = this.#upstreams;
    this.#upstreams = new Map();
    const byService = new Map<string, Upstream[]>();
    for (const instance of instances.filter(isCallable)) {
      // One that moved to another address is another one: what was learnt of the old one says nothing of it.
      const key = `${instance.service} ${instance.id} ${instance.address}:${instance.port}`;
      const upstream = before.get(key) ?? this.#open(instance);
      upstream.instance = instance;
      this.#upstreams.set(key, upstream);
      byService.set(instance.service, [...(byService.get(instance.service) ?? []), upstream]);
    }
    this.#services = this.#entries(byService);
    for (const [key, upstream] of before) {
      if (!this.#upstreams.has(key)) {
        this.#close(upstream);
      }
    }
  }

  #entries(byService: ReadonlyMap<string, readonly Upstream[]>): Map<string, ServiceEntry> {
    const idle = [...this.#services.keys()].filter((name) => !byService.has(name)).slice(-MAX_IDLE_SERVICES);
    const entries = new Map(idle.map((name) => [name, this.#entry(name, [])]));
    for (const [name, upstreams] of byService) {
      entries.set(name, this.#entry(name, upstreams));
    }
    return entries;
  }

  #entry(name: string, found: readonly Upstream[]): ServiceEntry {
    const upstreams = [...found].sort((a, b) => a.instance.id.localeCompare(b.instance.id));
    const passing = upstreams.filter(({ instance }) => instance.passing);
    return { name, robin: this.#services.get(name)?.robin ?? new RoundRobin(), upstreams, passing };
  }
}

/** HTTP is all that a gateway can pass on. */
function isCallable({ service, scheme }: Instance): boolean {
  return scheme === 'http' && !NEVER_CALLED.has(service);
}
