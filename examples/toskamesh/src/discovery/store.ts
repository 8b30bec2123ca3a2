import type { ConsulClient, Instance, ListedInstance } from '@toskamesh/shared';

/** Where the registry is kept: Consul, or the memory of this process. */
export interface Store {
  readonly kind: 'consul' | 'memory';
  register(instance: Instance): Promise<void>;
  /** @returns false when no such instance was there */
  deregister(id: string): Promise<boolean>;
  /** @returns false when no such instance is there: it has to register again */
  heartbeat(id: string, passing: boolean): Promise<boolean>;
  list(): Promise<readonly ListedInstance[]>;
}

export function consulStore(consul: ConsulClient): Store {
  return {
    kind: 'consul',
    register: (instance) => consul.register(instance),
    deregister: (id) => consul.deregister(id),
    heartbeat: (id, passing) => consul.heartbeat(id, passing),
    list: () => consul.list(),
  };
}
