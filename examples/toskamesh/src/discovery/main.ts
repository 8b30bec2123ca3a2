import {
  addressOf,
  ConsulClient,
  Dependency,
  EventBus,
  eventBusSettings,
  hostOf,
  type Instance,
  instanceId,
  type ListenAddress,
  parseListenUrl,
  portOf,
  reachableAddress,
  runService,
  Tracing,
  WebServer,
  webAddresses,
} from '@toskamesh/shared';
import { addHttpApi } from './http-api.ts';
import { memoryStore } from './memory-store.ts';
import { OwnInstance } from './own-instance.ts';
import { Registry } from './registry.ts';
import { ServiceAccess } from './service-access.ts';
import { consulStore } from './store.ts';

const EXCHANGE = 'toskamesh.registrations';

await runService('discovery', async ({ service, settings, log }) => {
  const access = new ServiceAccess(settings.secret('Mesh__ServiceAuth__Secret'));
  const grpcVariable = 'Kestrel__Endpoints__Grpc__Url';
  const grpcListen = parseListenUrl(grpcVariable, settings.optional(grpcVariable) ?? 'http://localhost:50051');
  const consulAddress = settings.address('Consul__Address');
  const advertised = settings.address('Mesh__ServiceDiscovery__AdvertiseUrl');
  const addresses = webAddresses(settings);
  const busSettings = eventBusSettings(settings);

  const bus = busSettings === undefined ? undefined : new EventBus({ ...busSettings, exchange: EXCHANGE, log });
  const consul = consulAddress === undefined ? undefined : new ConsulClient(consulAddress);
  const registry = new Registry({
    store: consul === undefined ? memoryStore() : consulStore(consul),
    publish: (event, content) => bus?.publish(event, content),
    log,
  });

  const dependencies: Dependency[] = [];
  if (consul === undefined) {
    log.warn('Consul__Address is not set: the registry is in memory and lost on stop');
  } else {
    const dependency = new Dependency({ name: 'consul', log, probe: () => consul.requireLeader() });
    dependency.onChange(() => registry.poke());
    dependencies.push(dependency);
  }
  if (bus === undefined) {
    log.warn('Messaging__RabbitMqHost is not set: registration events are off');
  } else {
    dependencies.push(bus.dependency);
  }
  // Started once gRPC listens. Its library takes long to load, and meanwhile HTTP answers already: not ready.
  const listening = new Dependency({ name: 'grpc', log, probe: () => Promise.resolve() });
  const needs = [...dependencies, listening];

  const tracing = new Tracing(service, async () => {
    const found = registry.locate('tracing-service');
    return found === undefined ? undefined : addressOf(found);
  });
  const facts = () => ({ ...registry.facts, events: bus === undefined ? 'off' : 'rabbitmq' });
  const web = new WebServer({ service, log, addresses, dependencies: needs, metrics: 'none', facts, tracing });
  addHttpApi(web.app, registry, access);
  await web.listen();
  registry.start();
  for (const dependency of dependencies) {
    dependency.start();
  }
  const { GrpcServer } = await import('./grpc-server.ts');
  const isReady = () => web.ready;
  const grpc = new GrpcServer({ listen: grpcListen, registry, access, isReady, log });
  const own = new OwnInstance({ instance: ownInstance(addresses[0], web.port, advertised), isReady, registry, log });
  for (const dependency of needs) {
    dependency.onChange(() => {
      grpc.readinessChanged();
      own.beat();
    });
  }
  await grpc.listen();
  listening.start();
  own.start();

  return {
    async stop() {
      web.drain();
      grpc.readinessChanged();
      await own.remove();
      await registry.stop();
      const stopped = Promise.all(needs.map((dependency) => dependency.stop()));
      await Promise.all([web.close(), grpc.close(), stopped]);
      await tracing.close();
      await bus?.close();
      consul?.close();
    },
  };
});

function ownInstance(listen: ListenAddress, port: number, advertised: URL | undefined): Omit<Instance, 'passing'> {
  return {
    id: instanceId('discovery', port),
    service: 'discovery',
    address: advertised === undefined ? reachableAddress(listen.host, '127.0.0.1') : hostOf(advertised),
    port: advertised === undefined ? port : portOf(advertised),
    scheme: 'http',
    healthPath: '/health/ready',
    metadata: {},
  };
}
