import type { DiscoveryClient } from '@toskamesh/shared';
import type { InstanceTable } from './instance-table.ts';

export interface DiscoveryCheckOptions {
  readonly discovery: DiscoveryClient;
  readonly token: () => Promise<string>;
  readonly table: InstanceTable;
  /** How long a discovery that answered once may be away. */
  readonly graceMs: number;
}

/** A probe of whether the gateway can do its work: it knows instances, and discovery goes on telling of them. */
export function discoveryCheck({ discovery, token, table, graceMs }: DiscoveryCheckOptions): () => Promise<void> {
  let lastGoodAt: number | undefined;
  const ask = async (): Promise<void> => {
    try {
      await discovery.requireServing();
      // Also shows a service secret that is not discovery's, with which nothing could ever be watched.
      await discovery.call('Resolve', { service: 'gateway' }, await token());
    } catch (error) {
      discovery.reset();
      throw error;
    }
  };
  return async () => {
    try {
      await ask();
    } catch (error) {
      // The last table stays right for a while: to be taken out of service for a short outage would make it worse.
      if (lastGoodAt === undefined || Date.now() - lastGoodAt > graceMs) {
        throw error;
      }
      return;
    }
    if (!table.isLoaded) {
      throw new Error('it has sent no list of instances yet');
    }
    lastGoodAt = Date.now();
  };
}
