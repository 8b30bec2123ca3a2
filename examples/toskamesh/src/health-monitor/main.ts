import {
  DiscoveryClient,
  describeError,
  EventBus,
  eventBusSettings,
  Registration,
  repeat,
  runService,
  Tracing,
  WebServer,
  webAddresses,
} from '@toskamesh/shared';
import { Announcer, HEALTH_EXCHANGE } from './announcer.ts';
import { describeChange, describeInstance } from './describe.ts';
import { EventStream } from './event-stream.ts';
import { readLimits } from './limits.ts';
import { Monitor } from './monitor.ts';
import { addHealthRoutes } from './routes.ts';
import { openSource } from './source.ts';

await runService('health-monitor', async ({ service, settings, log }) => {
  const limits = readLimits(settings);
  const consulAddress = settings.address('Consul__Address');
  const discoveryAddress = settings.address('Mesh__ServiceDiscovery__Grpc__Address');
  const advertised = settings.address('Mesh__ServiceDiscovery__AdvertiseUrl');
  const busSettings = eventBusSettings(settings);
  const addresses = webAddresses(settings);

  const discovery = discoveryAddress === undefined ? undefined : new DiscoveryClient(discoveryAddress);
  const bus = busSettings === undefined ? undefined : new EventBus({ ...busSettings, exchange: HEALTH_EXCHANGE, log });
  const source = openSource({ consulAddress, discovery, log });
  const tracing = discovery === undefined ? undefined : new Tracing(service, () => discovery.locate('tracing-service'));
  const needs = [...source.dependencies, ...(bus === undefined ? [] : [bus.dependency])];
  const registration =
    discovery === undefined
      ? undefined
      : new Registration({
          service,
          host: addresses[0].host,
          port: () => web.port,
          advertised,
          client: discovery,
          needs,
          log,
        });
  const dependencies = [...needs, ...(registration === undefined ? [] : [registration.dependency])];

  const monitor = new Monitor({ list: source.list, limits, log });
  const events = new EventStream();
  monitor.onChange((watched, change) => {
    // The reason is the change's: the last probe's may be another.
    events.send('change', { ...describeInstance(watched), ...describeChange(change) });
  });
  if (bus !== undefined) {
    const announcer = new Announcer(bus);
    monitor.onChange((watched, change) => announcer.announce(watched, change));
  }
  const facts = () => ({
    source: source.name,
    events: bus === undefined ? 'off' : HEALTH_EXCHANGE,
    watched: monitor.watched.length,
    subscribers: events.subscribers,
  });
  const web = new WebServer({ service, log, addresses, dependencies, facts, tracing });
  addHealthRoutes(web.app, { monitor, events, source: source.name });

  await web.listen();
  for (const dependency of dependencies) {
    dependency.start();
  }
  const rounds = repeat(() => monitor.round(), {
    what: 'tell what is registered',
    everyMs: monitor.roundEveryMs,
    log,
  });

  return {
    async stop() {
      web.drain();
      monitor.stop();
      const stopped = Promise.all([rounds.stop(), ...dependencies.map((dependency) => dependency.stop())]);
      await registration?.remove().catch((error: unknown) => {
        log.warn({ reason: describeError(error) }, 'could not deregister');
      });
      events.close();
      await Promise.all([web.close(), stopped]);
      await Promise.all([bus?.close(), tracing?.close()]);
      source.close();
      discovery?.reset();
    },
  };
});
