import { type Instance, TTL_SECONDS } from '@toskamesh/shared';
import type { Store } from './store.ts';

/** As Consul does with a service that stays critical. */
const FORGET_SECONDS = 60;

interface Entry {
  instance: Instance;
  seenAt: number;
}

/** @param now - milliseconds */
export function memoryStore(now: () => number = Date.now): Store {
  const entries = new Map<string, Entry>();
  const silentSeconds = ({ seenAt }: Entry): number => (now() - seenAt) / 1000;
  const forgetTheSilent = (): void => {
    for (const [id, entry] of entries) {
      if (silentSeconds(entry) > FORGET_SECONDS) {
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
    async heartbeat(id, passing) {
      forgetTheSilent();
      const entry = entries.get(id);
      if (entry === undefined) {
        return false;
      }
      entries.set(id, { instance: { ...entry.instance, passing }, seenAt: now() });
      return true;
    },
    async list() {
      forgetTheSilent();
      return [...entries.values()].map((entry) => {
        const silent = silentSeconds(entry) > TTL_SECONDS;
        return { ...entry.instance, passing: entry.instance.passing && !silent, silent };
      });
    },
  };
}
