import { parseConnectionString } from './connection-string.ts';
import { Dependency } from './dependency.ts';
import { DiscoveryClient } from './discovery-client.ts';
import { bearerToken, type TokenParties, verifyToken } from './jwt.ts';
import { webAddresses } from './listen-url.ts';
import { type Database, openDatabase } from './postgres.ts';
import { Registration } from './registration.ts';
import { runService, type ServiceContext } from './service.ts';
import { FatalSetting } from './settings.ts';
import { HttpError, type Route, WebServer } from './web-server.ts';

export interface BusinessContext extends ServiceContext {
  readonly database: Database;
  readonly jwtSecret: string;
  readonly jwtParties: TokenParties;
  /** Undefined when no discovery address is set. */
  readonly discovery: DiscoveryClient | undefined;
}

export interface BusinessService {
  readonly name: string;
  /** SQL that creates what is missing and leaves what is there. */
  readonly schema: string;
  readonly routes: (context: BusinessContext) => readonly Route[];
}

/** What auth, config, metrics and tracing have in common: PostgreSQL, a registration, and a few routes. */
export async function runBusinessService({ name, schema, routes }: BusinessService): Promise<void> {
  await runService(name, async (context) => {
    const { settings, log } = context;
    const connection = 'ConnectionStrings__DefaultConnection';
    const target = parseConnectionString(connection, settings.required(connection));
    const jwtSecret = settings.secret('Jwt__Secret');
    const jwtParties = {
      issuer: settings.optional('Jwt__Issuer') ?? 'ToskaMesh',
      audience: settings.optional('Jwt__Audience') ?? 'ToskaMesh',
    };
    const discoveryAddress = settings.address('Mesh__ServiceDiscovery__Grpc__Address');
    const advertised = settings.address('Mesh__ServiceDiscovery__AdvertiseUrl');
    const addresses = webAddresses(settings);
    const [listen] = addresses;
    if (listen === undefined) {
      throw new FatalSetting('URLS is not set');
    }

    const database = openDatabase(name, target, schema, log);
    const discovery = discoveryAddress === undefined ? undefined : new DiscoveryClient(discoveryAddress);
    const registration =
      discovery === undefined
        ? undefined
        : new Registration({ service: name, listen, port: () => web.port, advertised, client: discovery, log });
    const dependencies = [database.dependency];
    if (registration === undefined) {
      log.warn(
        'Mesh__ServiceDiscovery__Grpc__Address is not set: not registered, the gateway will not find this service',
      );
    } else {
      dependencies.push(new Dependency({ name: 'discovery', log, probe: () => registration.keep() }));
    }

    const guarded = routes({ ...context, database, jwtSecret, jwtParties, discovery }).map((route) =>
      withTokenCheck(route, jwtSecret, jwtParties),
    );
    const web = new WebServer({ service: name, log, addresses, dependencies, routes: guarded });
    await web.listen();
    for (const dependency of dependencies) {
      dependency.start();
    }

    return {
      async stop() {
        web.drain();
        const stopped = Promise.all(dependencies.map((dependency) => dependency.stop()));
        await registration?.remove().catch(() => log.warn('could not deregister'));
        await Promise.all([web.close(), stopped]);
        discovery?.reset();
        await database.close();
      },
    };
  });
}

/** A request may come without a token, but not with a bad one. */
function withTokenCheck(route: Route, secret: string, parties: TokenParties): Route {
  return {
    ...route,
    handle: (request) => {
      const token = bearerToken(request.headers.authorization);
      const verdict = token === undefined ? undefined : verifyToken(secret, token, parties);
      if (verdict?.ok === false) {
        throw new HttpError(401, `the bearer token is refused: ${verdict.why}`);
      }
      return route.handle(request);
    },
  };
}
