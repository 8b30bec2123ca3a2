import { Client, credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import {
  type DiscoveryMethods,
  discoveryDefinition,
  type HealthCheckResponse,
  healthDefinition,
  methodOf,
} from './discovery-proto.ts';
import { hostOf, portOf } from './settings.ts';
import { tcpReach } from './tcp.ts';

const CALL_MS = 2000;
const CONNECT_MS = 1000;

/** Calls discovery over gRPC without TLS. */
export class DiscoveryClient {
  readonly #address: URL;
  #client: Client | undefined;
  #localAddress = '127.0.0.1';

  constructor(address: URL) {
    this.#address = address;
  }

  /** This machine's address on the way to discovery. */
  get localAddress(): string {
    return this.#localAddress;
  }

  /**
   * Connects anew after `reset`. A plain TCP connection goes first: it fails at once and says why, whereas a gRPC
   * channel that has failed sits out a back-off of its own and remembers addresses.
   */
  async connect(): Promise<void> {
    if (this.#client === undefined) {
      const host = hostOf(this.#address);
      const port = portOf(this.#address);
      this.#localAddress = await tcpReach(host, port, CONNECT_MS);
      this.#client = new Client(`${this.#address.hostname}:${port}`, credentials.createInsecure(), {
        'grpc.use_local_subchannel_pool': 1,
        'grpc.initial_reconnect_backoff_ms': 100,
        'grpc.max_reconnect_backoff_ms': 1000,
        'grpc.dns_min_time_between_resolutions_ms': 500,
        'grpc.enable_http_proxy': 0,
        'grpc.service_config_disable_resolution': 1,
      });
    }
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
    await this.connect();
    return (await this.#unary(methodOf(discoveryDefinition, name), request, metadata)) as DiscoveryMethods[K][1];
  }

  async requireServing(): Promise<void> {
    await this.connect();
    const reply = await this.#unary(methodOf(healthDefinition, 'Check'), { service: '' }, new Metadata());
    const { status } = reply as HealthCheckResponse;
    if (status !== 'SERVING') {
      throw new Error(`discovery says ${status}`);
    }
  }

  /** Forgets the connection, so that the next call makes a new one. */
  reset(): void {
    this.#client?.close();
    this.#client = undefined;
  }

  #unary(method: ReturnType<typeof methodOf>, request: object, metadata: Metadata): Promise<object> {
    const client = this.#client;
    return new Promise((resolve, reject) => {
      if (client === undefined) {
        reject(new Error('the connection to discovery is closed'));
        return;
      }
      const { path, requestSerialize, responseDeserialize } = method;
      const options = { deadline: Date.now() + CALL_MS };
      client.makeUnaryRequest(
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
