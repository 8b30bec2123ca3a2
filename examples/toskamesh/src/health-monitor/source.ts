import { ConsulClient, Dependency, type DiscoveryClient, type Instance, type Logger } from '@toskamesh/shared';

/** Where the monitor learns which instances there are. */
export interface Source {
  readonly name: 'Consul' | 'discovery' | 'nowhere';
  readonly list: () => Promise<readonly Instance[]>;
  /** What must answer for the list to be true, unless something else already sees to that. */
  readonly dependencies: readonly Dependency[];
  readonly close: () => void;
}

export interface SourceOptions {
  readonly consulAddress: URL | undefined;
  readonly discovery: DiscoveryClient | undefined;
  readonly log: Logger;
}

/** Consul itself, where there is one: it knows of instances also while discovery is away. */
export function openSource({ consulAddress, discovery, log }: SourceOptions): Source {
  if (consulAddress !== undefined) {
    const consul = new ConsulClient(consulAddress);
    const leader = new Dependency({ name: 'consul', log, probe: () => consul.requireLeader() });
    return { name: 'Consul', list: () => consul.list(), dependencies: [leader], close: () => consul.close() };
  }
  if (discovery !== undefined) {
    // The registration with it is a dependency already.
    const list = async () => (await discovery.call('List', {})).instances;
    return { name: 'discovery', list, dependencies: [], close: () => undefined };
  }
  log.warn('neither Consul__Address nor Mesh__ServiceDiscovery__Grpc__Address is set: there is nothing to watch');
  return { name: 'nowhere', list: async () => [], dependencies: [], close: () => undefined };
}
