import type { App } from './app.ts';
import { parseConnectionString } from './connection-string.ts';
import { DiscoveryClient } from './discovery-client.ts';
import { describeError } from './errors.ts';
import { webAddresses } from './listen-url.ts';
import { type Database, openDatabase } from './postgres.ts';
import { Registration } from './registration.ts';
import { requireToken } from './require-token.ts';
import { type RunningService, runService, type ServiceContext } from './service.ts';
import { type TokenParties, tokenPartiesOf } from './tokens.ts';
import { Tracing } from './tracing.ts';
import { WebServer } from './web-server.ts';

export interface BusinessContext extends ServiceContext {
  readonly database: Database;
  readonly jwtSecret: string;
  readonly jwtParties: TokenParties;
  /** Undefined when no discovery address is set. */
  readonly discovery: DiscoveryClient | undefined;
  readonly web: WebServer;
}

export interface BusinessService {
  readonly name: string;
  /** A folder of SQL files; see `openDatabase`. */
  readonly migrations: URL;
  /** Adds the routes and starts what runs beside them. Requests come only after it, the database perhaps later. */
  readonly start: (app: App, context: BusinessContext) => RunningService | undefined;
}

/** What auth, config, metrics and tracing have in common: PostgreSQL, tokens, a registration. */
export async function runBusinessService({ name, migrations, start }: BusinessService): Promise<void> {
  await runService(name, async (context) => {
    const { settings, log } = context;
    const connection = 'ConnectionStrings__DefaultConnection';
    const target = parseConnectionString(connection, settings.required(connection));
    const jwtSecret = settings.secret('Jwt__Secret');
    const jwtParties = tokenPartiesOf(settings);
    const discoveryAddress = settings.address('Mesh__ServiceDiscovery__Grpc__Address');
    const advertised = settings.address('Mesh__ServiceDiscovery__AdvertiseUrl');
    const addresses = webAddresses(settings);

    const database = openDatabase({ service: name, target, migrations, log });
    const discovery = discoveryAddress === undefined ? undefined : new DiscoveryClient(discoveryAddress);
    const tracing = new Tracing(name, async () => discovery?.locate('tracing-service'));
    const dependencies = [database.dependency];
    const web = new WebServer({ service: name, log, addresses, dependencies, tracing });
    requireToken(web.app, jwtSecret, jwtParties);

    let registration: Registration | undefined;
    if (discovery === undefined) {
      log.warn(
        'Mesh__ServiceDiscovery__Grpc__Address is not set: not registered, the gateway will not find this service',
      );
    } else {
      registration = new Registration({
        service: name,
        host: addresses[0].host,
        port: () => web.port,
        advertised,
        client: discovery,
        needs: [database.dependency],
        log,
      });
      dependencies.push(registration.dependency);
    }

    const own = start(web.app, { ...context, database, jwtSecret, jwtParties, discovery, web });
    await web.listen();
    for (const dependency of dependencies) {
      dependency.start();
    }

    return {
      async stop() {
        web.drain();
        const stopped = Promise.all(dependencies.map((dependency) => dependency.stop()));
        await registration?.remove().catch((error: unknown) => {
          log.warn({ reason: describeError(error) }, 'could not deregister');
        });
        await Promise.all([web.close(), stopped, own?.stop()]);
        await tracing.close();
        discovery?.reset();
        await database.close();
      },
    };
  });
}
