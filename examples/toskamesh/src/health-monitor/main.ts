import { ConsulClient, type Instance } from '../shared/consul-client.ts';
import { Dependency } from '../shared/dependency.ts';
import { DiscoveryClient } from '../shared/discovery-client.ts';
import { describeError } from '../shared/errors.ts';
import { webAddresses } from '../shared/listen-url.ts';
import { runService } from '../shared/service.ts';
import type { Settings } from '../shared/settings.ts';
import { type Route, WebServer } from '../shared/web-server.ts';
import { nextState, type ProbeState, probe, UNPROBED } from './probes.ts';

interface Watched {
  readonly instance: Instance;
  readonly state: ProbeState;
  readonly reason: string | undefined;
  readonly probedAt: string;
}

await runService('health-monitor', async ({ service, settings, log }) => {
  const limits = readLimits(settings);
  const consulAddress = settings.address('Consul__Address');
  const discoveryAddress = settings.address('Mesh__ServiceDiscovery__Grpc__Address');
  const addresses = webAddresses(settings);
  const consul = consulAddress === undefined ? undefined : new ConsulClient(consulAddress);
  const discovery = discoveryAddress === undefined ? undefined : new DiscoveryClient(discoveryAddress);
  let watched: readonly Watched[] = [];
  let stopping = false;

  const dependencies: Dependency[] = [];
  if (consul !== undefined) {
    dependencies.push(new Dependency({ name: 'consul', log, probe: () => consul.requireLeader() }));
  }
  if (discovery !== undefined) {
    const reach = async (): Promise<void> => {
      try {
        await discovery.requireServing();
      } catch (error) {
        discovery.reset();
        throw error;
      }
    };
    dependencies.push(new Dependency({ name: 'discovery', log, probe: reach }));
  }
  if (dependencies.length === 0) {
    log.warn('neither Consul__Address nor Mesh__ServiceDiscovery__Grpc__Address is set: there is nothing to watch');
  }

  const known = async (): Promise<readonly Instance[]> =>
    consul === undefined ? ((await discovery?.call('List', {}))?.instances ?? []) : consul.list();

  const probeOne = async (instance: Instance): Promise<Watched> => {
    const before = watched.find((candidate) => candidate.instance.id === instance.id);
    let reason: string | undefined;
    try {
      await probe(instance, limits.httpTimeoutMs, limits.tcpTimeoutMs);
    } catch (error) {
      reason = describeError(error);
    }
    const state = nextState(before?.state ?? UNPROBED, reason === undefined, limits);
    if (state.verdict !== before?.state.verdict) {
      log.info('verdict', { id: instance.id, verdict: state.verdict, ...(reason === undefined ? {} : { reason }) });
    }
    return { instance, state, reason, probedAt: new Date().toISOString() };
  };

  const probeAll = async (): Promise<void> => {
    try {
      const instances = await known();
      watched = await Promise.all(instances.map(probeOne));
    } catch (error) {
      log.warn('cannot tell what to probe', { reason: describeError(error) });
    }
  };

  const routes: readonly Route[] = [
    {
      method: 'GET',
      path: /^\/api\/health\/services$/,
      handle: async () => ({ status: 200, body: { services: watched.map(describeWatched) } }),
    },
  ];
  const facts = { source: consul !== undefined ? 'consul' : discovery !== undefined ? 'discovery' : 'none' };
  const web = new WebServer({ service, log, addresses, dependencies, routes, facts });
  await web.listen();
  for (const dependency of dependencies) {
    dependency.start();
  }
  const rounds = runRounds(
    probeAll,
    () => web.ready,
    limits.intervalMs,
    () => stopping,
  );

  return {
    async stop() {
      stopping = true;
      rounds.wake();
      web.drain();
      // A round in progress is not waited for: its probes may take as long as their time-outs.
      await Promise.all([web.close(), ...dependencies.map((dependency) => dependency.stop())]);
      consul?.close();
      discovery?.reset();
    },
  };
});

function readLimits(settings: Settings) {
  const seconds = (name: string, fallback: number): number =>
    settings.integer(`HealthMonitor__${name}`, { fallback, min: 1, max: 3600 });
  return {
    intervalMs: seconds('ProbeIntervalSeconds', 30) * 1000,
    httpTimeoutMs: seconds('HttpTimeoutSeconds', 5) * 1000,
    tcpTimeoutMs: seconds('TcpTimeoutSeconds', 3) * 1000,
    failure: seconds('FailureThreshold', 3),
    recovery: seconds('RecoveryThreshold', 2),
  };
}

function describeWatched({ instance, state, reason, probedAt }: Watched) {
  const { id, service, address, port } = instance;
  return { id, service, address: `${address}:${port}`, status: state.verdict, reason, probedAt };
}

/** Rounds follow each other with a pause, so that a slow one is never overtaken. The first waits until there is a source. */
function runRounds(round: () => Promise<void>, canStart: () => boolean, intervalMs: number, isOver: () => boolean) {
  const FIRST_LOOK_MS = 100;
  let timer: NodeJS.Timeout;
  let started = false;
  const next = (ms: number): void => {
    timer = setTimeout(async () => {
      if (started || canStart()) {
        started = true;
        await round();
      }
      if (!isOver()) {
        next(started ? intervalMs : FIRST_LOOK_MS);
      }
    }, ms);
  };
  next(0);
  return { wake: () => clearTimeout(timer) };
}
