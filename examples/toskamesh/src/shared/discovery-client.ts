import type { Client } from '@grpc/grpc-js';
import type { DiscoveryMethods } from './discovery-proto.ts';
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
  async connect(): Promise<Client> {
    if (this.#client !== undefined) {
      return this.#client;
    }
    const host = hostOf(this.#address);
    const port = portOf(this.#address);
    // The gRPC library is large: it is loaded while the connection is tried, when the service already listens.
    const [grpc, localAddress] = await Promise.all([import('@grpc/grpc-js'), tcpReach(host, port, CONNECT_MS)]);
    this.#localAddress = localAddress;
    this.#client ??= new grpc.Client(`${this.#address.hostname}:${port}`, grpc.credentials.createInsecure(), {
      'grpc.use_local_subchannel_pool': 1,
      'grpc.initial_reconnect_backoff_ms': 100,
      'grpc.max_reconnect_backoff_ms': 1000,
      'grpc.dns_min_time_between_resolutions_ms': 500,
      'grpc.enable_http_proxy': 0,
      'grpc.service_config_disable_resolution': 1,
    });
    return this.#client;
  }

  async call<K extends keyof DiscoveryMethods>(
    name: K,
    request: DiscoveryMethods[K][0],
    token?: string,
  ): Promise<DiscoveryMethods[K][1]> {
    const [{ Metadata }, { discoveryDefinition, methodOf }, client] = await Promise.all([
      import('@grpc/grpc-js'),
      import('./discovery-proto.ts'),
      this.connect(),
    ]);
    const metadata = new Metadata();
    if (token !== undefined) {
      metadata.set('authorization', `Bearer ${token}`);
    }
    const { path, requestSerialize, responseDeserialize } = methodOf(discoveryDefinition, name);
    const options = { deadline: Date.now() + CALL_MS };
    return new Promise((resolve, reject) => {
      client.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, metadata, options, (error, reply) =>
        error === null && reply !== undefined
          ? resolve(reply as DiscoveryMethods[K][1])
          : reject(error ?? new Error('an empty reply')),
      );
    });
  }

  /** Forgets the connection, so that the next call makes a new one. */
  reset(): void {
    this.#client?.close();
    this.#client = undefined;
  }
}
