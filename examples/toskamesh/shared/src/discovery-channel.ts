import { Client, credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import {
  type DiscoveryMethods,
  discoveryDefinition,
  type HealthCheckResponse,
  healthDefinition,
  type InstanceList,
  methodOf,
  type ServingStatus,
} from './discovery-proto.ts';

const CALL_MS = 2000;

/** A gRPC channel to discovery, without TLS. Imported only once it is needed: the library takes long to load. */
export class DiscoveryChannel {
  readonly #client: Client;

  constructor(authority: string) {
    this.#client = new Client(authority, credentials.createInsecure(), {
      'grpc.use_local_subchannel_pool': 1,
      'grpc.initial_reconnect_backoff_ms': 100,
      'grpc.max_reconnect_backoff_ms': 1000,
      'grpc.dns_min_time_between_resolutions_ms': 500,
      // Tells of a discovery that is gone without a word, as when its container was killed, while a stream waits.
      'grpc.keepalive_time_ms': 5000,
      'grpc.keepalive_timeout_ms': 2000,
      'grpc.enable_http_proxy': 0,
      'grpc.service_config_disable_resolution': 1,
    });
  }

  async call<K extends keyof DiscoveryMethods>(
    name: K,
    request: DiscoveryMethods[K][0],
    token?: string,
  ): Promise<DiscoveryMethods[K][1]> {
    const metadata = new Metadata();
    if (token !== undefined) {
      metadata.set('authorization', `Bearer ${token}`);
    }
    return (await this.#unary(methodOf(discoveryDefinition, name), request, metadata)) as DiscoveryMethods[K][1];
  }

  /** Calls `onList` with each list that discovery sends; ends when the stream does, or with its error. */
  watch(service: string, token: string, onList: (list: InstanceList) => void, signal: AbortSignal): Promise<void> {
    const { path, requestSerialize, responseDeserialize } = methodOf(discoveryDefinition, 'Watch');
    const metadata = new Metadata();
    metadata.set('authorization', `Bearer ${token}`);
    const stream = this.#client.makeServerStreamRequest(
      path,
      requestSerialize,
      (bytes) => responseDeserialize(bytes) as InstanceList,
      { service },
      metadata,
    );
    const cancel = (): void => stream.cancel();
    signal.addEventListener('abort', cancel, { once: true });
    return new Promise<void>((resolve, reject) => {
      stream.on('data', onList);
      stream.on('end', resolve);
      stream.on('error', (error: ServiceError) => (signal.aborted ? resolve() : reject(callFailure(error))));
    }).finally(() => signal.removeEventListener('abort', cancel));
  }

  async servingStatus(): Promise<ServingStatus> {
    const reply = await this.#unary(methodOf(healthDefinition, 'Check'), { service: '' }, new Metadata());
    return (reply as HealthCheckResponse).status;
  }

  close(): void {
    this.#client.close();
  }

  #unary(method: ReturnType<typeof methodOf>, request: object, metadata: Metadata): Promise<object> {
    const { path, requestSerialize, responseDeserialize } = method;
    const options = { deadline: Date.now() + CALL_MS };
    return new Promise((resolve, reject) => {
      this.#client.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        request,
        metadata,
        options,
        (error, reply) => (error === null && reply !== undefined ? resolve(reply) : reject(callFailure(error))),
      );
    });
  }
}

/** grpc-js words its errors for a developer; these words end up in a health answer. */
function callFailure(error: ServiceError | null): Error {
  if (error === null) {
    return new Error('an empty reply');
  }
  const refused = /E[A-Z]{4,} \S+:\d+/.exec(error.details)?.[0];
  const details = error.details.startsWith('No connection') && refused !== undefined ? refused : error.details;
  return new Error(`${status[error.code]} ${details}`, { cause: error });
}
