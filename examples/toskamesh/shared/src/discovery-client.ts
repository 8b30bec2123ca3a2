import type { DiscoveryChannel } from './discovery-channel.ts';
import type { DiscoveryMethods, InstanceList } from './discovery-proto.ts';
import { addressOf } from './instance.ts';
import { hostOf, portOf } from './settings.ts';
import { tcpReach } from './tcp.ts';

const CONNECT_MS = 1000;

/** Calls discovery over gRPC, on a channel that can be thrown away and made anew. */
export class DiscoveryClient {
  readonly #address: URL;
  #channel: DiscoveryChannel | undefined;
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
  async connect(): Promise<DiscoveryChannel> {
    if (this.#channel !== undefined) {
      return this.#channel;
    }
    const port = portOf(this.#address);
    const [module, localAddress] = await Promise.all([
      import('./discovery-channel.ts'),
      tcpReach(hostOf(this.#address), port, CONNECT_MS),
    ]);
    this.#localAddress = localAddress;
    this.#channel ??= new module.DiscoveryChannel(`${this.#address.hostname}:${port}`);
    return this.#channel;
  }

  async call<K extends keyof DiscoveryMethods>(
    name: K,
    request: DiscoveryMethods[K][0],
    token?: string,
  ): Promise<DiscoveryMethods[K][1]> {
    const channel = await this.connect();
    return channel.call(name, request, token);
  }

  /** See `DiscoveryChannel.watch`. */
  async watch(
    service: string,
    token: string,
    onList: (list: InstanceList) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const channel = await this.connect();
    await channel.watch(service, token, onList, signal);
  }

  /** The address of some instance of a service that can be called. */
  async locate(service: string): Promise<URL | undefined> {
    const { instances } = await this.call('List', {});
    const found = instances.filter((instance) => instance.service === service && instance.passing);
    const chosen = found[Math.floor(Math.random() * found.length)];
    return chosen === undefined ? undefined : addressOf(chosen);
  }

  async requireServing(): Promise<void> {
    const channel = await this.connect();
    const status = await channel.servingStatus();
    if (status !== 'SERVING') {
      throw new Error(`discovery says ${status}`);
    }
  }

  /** Forgets the channel, so that the next call makes a new one. */
  reset(): void {
    this.#channel?.close();
    this.#channel = undefined;
  }
}
