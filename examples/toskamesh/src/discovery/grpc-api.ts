import type { handleUnaryCall, Metadata, ServerWritableStream, UntypedServiceImplementation } from '@grpc/grpc-js';
import type { InstanceList, Logger } from '@toskamesh/shared';
import type { DiscoveryMethods } from '@toskamesh/shared/grpc';
import { checkedId, checkedInstance, checkedService } from './checks.ts';
import { callFailure } from './grpc-status.ts';
import type { Registry } from './registry.ts';
import type { ServiceAccess } from './service-access.ts';

type WatchCall = ServerWritableStream<{ readonly service: string }, InstanceList>;
type Handle<K extends keyof DiscoveryMethods> = (request: DiscoveryMethods[K][0]) => Promise<DiscoveryMethods[K][1]>;

export interface GrpcApiOptions {
  readonly registry: Registry;
  readonly access: ServiceAccess;
  readonly log: Logger;
}

/** The registry over gRPC, as proto/discovery.proto has it. */
export function grpcApi({ registry, access, log }: GrpcApiOptions): UntypedServiceImplementation {
  function unary<K extends keyof DiscoveryMethods>(
    token: 'required' | 'optional',
    handle: Handle<K>,
  ): handleUnaryCall<DiscoveryMethods[K][0], DiscoveryMethods[K][1]> {
    return (call, callback) => {
      access
        .check(authorizationOf(call.metadata), token)
        .then(() => handle(call.request))
        .then(
          (reply) => callback(null, reply),
          (error: unknown) => callback(callFailure(error, log)),
        );
    };
  }

  async function watch(call: WatchCall): Promise<void> {
    await access.check(authorizationOf(call.metadata), 'required');
    const { service } = call.request;
    const unwatch = await registry.watch(service === '' ? '' : checkedService(service), {
      send: (instances, accepted) => call.write({ instances }, accepted),
      end: () => call.end(),
    });
    call.on('close', unwatch);
    call.on('cancelled', unwatch);
    if (call.cancelled) {
      unwatch();
    }
  }

  return {
    Register: unary<'Register'>('optional', async ({ instance }) => {
      await registry.register(checkedInstance(instance));
      return { ttlSeconds: registry.ttlSeconds };
    }),
    Deregister: unary<'Deregister'>('optional', async ({ id }) => ({
      known: await registry.deregister(checkedId(id)),
    })),
    Heartbeat: unary<'Heartbeat'>('optional', async ({ id, unready }) => ({
      known: await registry.heartbeat(checkedId(id), unready !== true),
    })),
    Resolve: unary<'Resolve'>('required', async ({ service }) => ({
      instances: await registry.resolve(checkedService(service)),
    })),
    List: unary<'List'>('optional', async () => ({ instances: await registry.list() })),
    Watch: (call: WatchCall) => {
      watch(call).catch((error: unknown) => call.emit('error', callFailure(error, log)));
    },
  };
}

function authorizationOf(metadata: Metadata): string | undefined {
  const [header] = metadata.get('authorization');
  return typeof header === 'string' ? header : undefined;
}
