import { FatalSetting, type Logger, type Settings } from '@toskamesh/shared';

/** What a silo is told about itself. */
export interface Silo {
  readonly clusterId: string;
  readonly serviceId: string;
  readonly siloPort: number;
  readonly gatewayPort: number;
}

const MODES = ['localhost', 'consul', 'adonet'];
/** It is a part of keys in Consul's store. */
const CLUSTER_ID = /^[\w.-]{1,64}$/;

/** @throws FatalSetting */
export function siloOf(settings: Settings): Silo {
  const [clustering] = settings.namesWithPrefix('Orleans__Clustering__');
  if (clustering !== undefined) {
    throw new FatalSetting(`${clustering} would crash the Orleans silo: the mode is Orleans__ClusteringMode`);
  }
  const clusterId = settings.optional('Orleans__ClusterId') ?? 'toskamesh';
  if (!CLUSTER_ID.test(clusterId)) {
    throw new FatalSetting('Orleans__ClusterId must be 1 to 64 letters, digits, dots, dashes or underscores');
  }
  return {
    clusterId,
    serviceId: settings.optional('Orleans__ServiceId') ?? 'toskamesh',
    siloPort: settings.port('Orleans__SiloPort', 11_111),
    gatewayPort: settings.port('Orleans__GatewayPort', 30_000),
  };
}

/**
 * Consul's address, or undefined when the membership is kept in memory.
 *
 * @throws FatalSetting
 */
export function membershipAddress(settings: Settings, log: Logger): URL | undefined {
  const address = settings.address('Orleans__ConsulAddress');
  const mode = settings.optional('Orleans__ClusteringMode')?.toLowerCase();
  if (mode !== undefined && !MODES.includes(mode)) {
    throw new FatalSetting(`Orleans__ClusteringMode must be one of ${MODES.join(', ')}`);
  }
  if (mode === 'adonet') {
    throw new FatalSetting('Orleans__ClusteringMode adonet is not implemented here: use consul or localhost');
  }
  if (mode === 'consul' && address === undefined) {
    log.warn('Orleans__ConsulAddress is not set');
  }
  return mode === 'localhost' ? undefined : address;
}
