import {
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
  status,
} from '@grpc/grpc-js';
import { bearerToken, type Instance, type InstanceList, SERVICE_AUTH, verifyToken } from '@toskamesh/shared';
import { discoveryDefinition, healthDefinition } from '@toskamesh/shared/grpc';

export interface FakeDiscovery extends AsyncDisposable {
  /** Stays the same over a restart. */
  readonly url: string;
  /** How many callers watch it. */
  readonly watchers: number;
  /** What is registered from now on; watchers hear of it. */
  set(instances: readonly Instance[]): void;
  start(): Promise<void>;
  /** Without a farewell, as in a crash. */
  kill(): void;
}

type Watcher = ServerWritableStream<object, InstanceList>;

/** Discovery's gRPC service with a registry that the test writes; it checks tokens as the real one does. */
export async function startFakeDiscovery(secret: string, first: readonly Instance[] = []): Promise<FakeDiscovery> {
  const watchers = new Set<Watcher>();
  let instances = first;
  let server: Server | undefined;
  let port = 0;

  const isGood = async ({ metadata }: Pick<Watcher, 'metadata'>): Promise<boolean> => {
    const token = bearerToken(String(metadata.get('authorization')[0] ?? ''));
    return token !== undefined && (await verifyToken(secret, token, SERVICE_AUTH)).ok;
  };
  const resolve = async (
    call: ServerUnaryCall<{ service: string }, InstanceList>,
    reply: sendUnaryData<InstanceList>,
  ) =>
    (await isGood(call))
      ? reply(null, { instances: instances.filter(({ service }) => service === call.request.service) })
      : reply({ code: status.UNAUTHENTICATED, details: 'the service token is refused' });
  const watch = async (call: Watcher): Promise<void> => {
    if (!(await isGood(call))) {
      call.emit('error', { code: status.UNAUTHENTICATED, details: 'the service token is refused' });
      return;
    }
    watchers.add(call);
    call.on('close', () => watchers.delete(call));
    call.on('cancelled', () => watchers.delete(call));
    call.write({ instances });
  };
  const start = async (): Promise<void> => {
    const starting = new Server();
    starting.addService(discoveryDefinition, {
      Resolve: resolve,
      Watch: watch,
      List: (_call: unknown, reply: sendUnaryData<InstanceList>) => reply(null, { instances }),
      Register: (_call: unknown, reply: sendUnaryData<object>) => reply(null, { ttlSeconds: 15 }),
    });
    starting.addService(healthDefinition, {
      Check: (_call: unknown, reply: sendUnaryData<object>) => reply(null, { status: 'SERVING' }),
    });
    port = await new Promise<number>((done, fail) => {
      const credentials = ServerCredentials.createInsecure();
      starting.bindAsync(`127.0.0.1:${port}`, credentials, (error, bound) =>
        error === null ? done(bound) : fail(error),
      );
    });
    server = starting;
  };
  const kill = (): void => {
    server?.forceShutdown();
    watchers.clear();
  };

  await start();
  return {
    get url() {
      return `http://127.0.0.1:${port}`;
    },
    get watchers() {
      return watchers.size;
    },
    set(next) {
      instances = next;
      for (const watcher of watchers) {
        watcher.write({ instances });
      }
    },
    start,
    kill,
    [Symbol.asyncDispose]: async () => kill(),
  };
}
