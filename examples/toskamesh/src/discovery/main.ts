import { ConsulClient } from '../shared/consul-client.ts';
import { Dependency } from '../shared/dependency.ts';
import { parseListenUrl, webAddresses } from '../shared/listen-url.ts';
import { runService, type ServiceContext } from '../shared/service.ts';
import { WebServer } from '../shared/web-server.ts';
import { EventBus } from './event-bus.ts';
import type { DiscoveryGrpcServer } from './grpc-server.ts';
import { consulRegistry, memoryRegistry } from './registry.ts';

await runService('discovery', async (context) => {
  const { service, settings, log } = context;
  const serviceAuthSecret = settings.secret('Mesh__ServiceAuth__Secret');
  const grpcVariable = 'Kestrel__Endpoints__Grpc__Url';
  const grpcListen = parseListenUrl(grpcVariable, settings.optional(grpcVariable) ?? 'http://localhost:50051');
  const consulAddress = settings.address('Consul__Address');
  const addresses = webAddresses(settings);
  const bus = openBus(context);

  const consul = consulAddress === undefined ? undefined : new ConsulClient(consulAddress);
  const registry = consul === undefined ? memoryRegistry() : consulRegistry(consul);
  const dependencies: Dependency[] = [];
  let grpc: DiscoveryGrpcServer | undefined;
  const onChange = (): void => grpc?.readinessChanged();
  if (consul === undefined) {
    log.warn('Consul__Address is not set: the registry is in memory and lost on stop');
  } else {
    dependencies.push(new Dependency({ name: 'consul', log, onChange, probe: () => consul.requireLeader() }));
  }
  if (bus === undefined) {
    log.warn('Messaging__RabbitMqHost is not set: registration events are off');
  } else {
    dependencies.push(bus.dependency);
  }

  const facts = { registry: registry.kind, events: bus === undefined ? 'off' : 'rabbitmq' };
  // Started once gRPC listens. Its library takes long to load, and meanwhile HTTP answers already: not ready.
  const listening = new Dependency({ name: 'grpc', log, onChange, probe: () => Promise.resolve() });
  const web = new WebServer({
    service,
    log,
    addresses,
    dependencies: [...dependencies, listening],
    metrics: 'none',
    facts,
  });
  await web.listen();
  for (const dependency of dependencies) {
    dependency.start();
  }
  const { DiscoveryGrpcServer } = await import('./grpc-server.ts');
  grpc = new DiscoveryGrpcServer({
    listen: grpcListen,
    registry,
    serviceAuthSecret,
    isReady: () => web.ready,
    publish: (key, event) => bus?.publish(key, event),
    log,
  });
  await grpc.listen();
  listening.start();

  return {
    async stop() {
      web.drain();
      grpc.readinessChanged();
      const stopped = Promise.all([...dependencies, listening].map((dependency) => dependency.stop()));
      await Promise.all([web.close(), grpc.close(), stopped]);
      await bus?.close();
      consul?.close();
    },
  };
});

function openBus({ settings, log }: ServiceContext): EventBus | undefined {
  const host = settings.optional('Messaging__RabbitMqHost');
  if (host === undefined) {
    return undefined;
  }
  return new EventBus({
    host,
    port: settings.port('Messaging__RabbitMqPort', 5672),
    username: settings.optional('Messaging__RabbitMqUsername') ?? 'guest',
    password: settings.optional('Messaging__RabbitMqPassword') ?? 'guest',
    log,
  });
}
