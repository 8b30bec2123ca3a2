import type { ConsulClient, Instance } from '../shared/consul-client.ts';

/** Where discovery keeps who is there. */
export interface Registry {
  readonly kind: 'consul' | 'memory';
  register(instance: Instance): Promise<void>;
  /** False when no such instance was there. */
  deregister(id: string): Promise<boolean>;
  /** False when no such instance is there: it has to register again. */
  heartbeat(id: string): Promise<boolean>;
  list(): Promise<readonly Instance[]>;
}

export const TTL_SECONDS = 15;
/** As Consul does with a service that stays critical. */
const FORGET_SECONDS = 60;

export function consulRegistry(consul: ConsulClient): Registry {
  return {
    kind: 'consul',
    register: (instance) => consul.register(instance),
    deregister: (id) => consul.deregister(id),
    heartbeat: (id) => consul.pass(id),
    list: () => consul.list(),
  };
}

export function memoryRegistry(now: () => number = Date.now): Registry {
  const entries = new Map<string, { readonly instance: Instance; seenAt: number }>();
  const ageSeconds = (seenAt: number): number => (now() - seenAt) / 1000;
  const forgetTheSilent = (): void => {
    for (const [id, { seenAt }] of entries) {
      if (ageSeconds(seenAt) > FORGET_SECONDS) {
        entries.delete(id);
      }
    }
  };
  return {
    kind: 'memory',
    async register(instance) {
      entries.set(instance.id, { instance, seenAt: now() });
    },
    async deregister(id) {
      return entries.delete(id);
    },
    async heartbeat(id) {
      forgetTheSilent();
      const entry = entries.get(id);
      if (entry !== undefined) {
        entry.seenAt = now();
      }
      return entry !== undefined;
    },
    async list() {
      forgetTheSilent();
      return [...entries.values()].map(({ instance, seenAt }) => ({
        ...instance,
        passing: ageSeconds(seenAt) <= TTL_SECONDS,
      }));
    },
  };
}
