import { ConsulClient, type Instance } from '../shared/consul-client.ts';
import { Dependency } from '../shared/dependency.ts';
import { describeError } from '../shared/errors.ts';
import { reachableAddress } from '../shared/registration.ts';
import { runService, type ServiceContext } from '../shared/service.ts';
import { FatalSetting, hostOf, portOf } from '../shared/settings.ts';
import { tcpReach } from '../shared/tcp.ts';
import { type Silo, SiloListeners } from './silo.ts';

const CONNECT_MS = 1000;
const MODES = ['localhost', 'consul', 'adonet'];

await runService('core', async (context) => {
  const { settings, log } = context;
  const [clustering] = settings.namesWithPrefix('Orleans__Clustering__');
  if (clustering !== undefined) {
    throw new FatalSetting(`${clustering} would crash the Orleans silo: the mode is Orleans__ClusteringMode`);
  }
  const silo: Silo = {
    clusterId: settings.optional('Orleans__ClusterId') ?? 'toskamesh',
    serviceId: settings.optional('Orleans__ServiceId') ?? 'toskamesh',
    siloPort: settings.port('Orleans__SiloPort', 11_111),
    gatewayPort: settings.port('Orleans__GatewayPort', 30_000),
  };
  const consulAddress = membershipAddress(context);
  const listeners = new SiloListeners(silo, log);

  if (consulAddress === undefined) {
    log.warn('membership is in memory: this silo is alone in its cluster');
    await listeners.open();
    return { stop: () => listeners.close() };
  }

  const consul = new ConsulClient(consulAddress);
  let registeredAs: string | undefined;
  const dependency = new Dependency({
    name: 'consul',
    log,
    probe: async () => {
      await consul.requireLeader();
      // A silo whose record has expired, or whose Consul has lost it, writes it anew.
      if (registeredAs === undefined || !(await consul.pass(registeredAs))) {
        registeredAs = await registerSilo(silo, consul, consulAddress);
        log.info('silo registered', { id: registeredAs });
      }
      await listeners.open();
    },
  });
  dependency.start();

  return {
    async stop() {
      const stopped = dependency.stop();
      await listeners.close();
      await stopped;
      if (registeredAs !== undefined && dependency.ok) {
        await consul.deregister(registeredAs).catch((error: unknown) => {
          log.warn('could not deregister', { reason: describeError(error) });
        });
      }
      consul.close();
    },
  };
});

/** Consul's address, or undefined when the membership is kept in memory. */
function membershipAddress({ settings, log }: ServiceContext): URL | undefined {
  const address = settings.address('Orleans__ConsulAddress');
  const mode = settings.optional('Orleans__ClusteringMode')?.toLowerCase();
  if (mode !== undefined && !MODES.includes(mode)) {
    throw new FatalSetting(`Orleans__ClusteringMode must be one of ${MODES.join(', ')}`);
  }
  if (mode === 'adonet') {
    throw new FatalSetting(
      'Orleans__ClusteringMode adonet is not implemented by this stand-in: use consul or localhost',
    );
  }
  if (mode === 'consul' && address === undefined) {
    log.warn('Orleans__ConsulAddress is not set');
  }
  return mode === 'localhost' ? undefined : address;
}

async function registerSilo(silo: Silo, consul: ConsulClient, consulAddress: URL): Promise<string> {
  const local = await tcpReach(hostOf(consulAddress), portOf(consulAddress), CONNECT_MS);
  const address = reachableAddress(undefined, local);
  const instance: Instance = {
    id: `core-${silo.clusterId}-${address}-${silo.siloPort}`,
    service: 'core',
    address,
    port: silo.siloPort,
    scheme: 'tcp',
    healthPath: '',
    passing: true,
  };
  await consul.register(instance, {
    clusterId: silo.clusterId,
    serviceId: silo.serviceId,
    gatewayPort: String(silo.gatewayPort),
  });
  return instance.id;
}
