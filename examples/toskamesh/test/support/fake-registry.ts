import { Server, ServerCredentials, type ServiceDefinition, type UntypedHandleCall } from '@grpc/grpc-js';
import type { DiscoveryMethods, Instance } from '@toskamesh/shared';
import { discoveryDefinition, healthDefinition } from '@toskamesh/shared/grpc';

export interface FakeRegistry extends AsyncDisposable {
  /** For `Mesh__ServiceDiscovery__Grpc__Address`. */
  readonly url: string;
  /** What it lists: a test may change it as it likes. */
  readonly instances: Map<string, Instance>;
}

/** Discovery, without Consul and tokens: what registers is listed until it deregisters. */
export async function startFakeRegistry(): Promise<FakeRegistry> {
  const instances = new Map<string, Instance>();
  const list = () => ({ instances: [...instances.values()] });
  const methods: { [K in keyof DiscoveryMethods]: (request: DiscoveryMethods[K][0]) => DiscoveryMethods[K][1] } = {
    Register: ({ instance }) => {
      if (instance !== null) instances.set(instance.id, instance);
      return { ttlSeconds: 15 };
    },
    Deregister: ({ id }) => ({ known: instances.delete(id) }),
    Heartbeat: ({ id, unready = false }) => {
      const known = instances.get(id);
      if (known !== undefined) instances.set(id, { ...known, passing: !unready });
      return { known: known !== undefined };
    },
    Resolve: ({ service }) => ({ instances: list().instances.filter((instance) => instance.service === service) }),
    List: list,
  };
  const server = new Server();
  serve(server, discoveryDefinition, methods);
  serve(server, healthDefinition, { Check: () => ({ status: 'SERVING' }) });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return {
    url: `http://127.0.0.1:${port}`,
    instances,
    [Symbol.asyncDispose]: async () => server.forceShutdown(),
  };
}

function serve(server: Server, definition: ServiceDefinition, methods: Readonly<Record<string, unknown>>): void {
  const handlers = Object.entries(methods).map(([name, answer]) => {
    const handle: UntypedHandleCall = (call: { request: object }, done: (error: null, reply: object) => void) =>
      done(null, (answer as (request: object) => object)(call.request));
    return [name, handle];
  });
  server.addService(definition, Object.fromEntries(handlers));
}
