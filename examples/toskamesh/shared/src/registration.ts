import { hostname, networkInterfaces } from 'node:os';
import { Dependency } from './dependency.ts';
import type { DiscoveryClient } from './discovery-client.ts';
import type { Instance } from './instance.ts';
import { isLoopback } from './listen-url.ts';
import type { Logger } from './log.ts';
import { within } from './service.ts';
import { hostOf, portOf } from './settings.ts';

const DEREGISTER_MS = 1000;

/** An address under which others reach a listener that is bound to `host`. */
export function reachableAddress(host: string | undefined, localAddress: string): string {
  if (host !== undefined) {
    return isLoopback(host) ? '127.0.0.1' : host;
  }
  if (!isLoopback(localAddress)) {
    return localAddress;
  }
  const external = Object.values(networkInterfaces())
    .flat()
    .find((candidate) => candidate?.family === 'IPv4' && !candidate.internal);
  return external?.address ?? '127.0.0.1';
}

/** The same instance has the same id after a restart, so that it replaces itself in the registry. */
export function instanceId(service: string, port: number): string {
  return `${service}-${hostname()}-${port}`;
}

export interface RegistrationOptions {
  readonly service: string;
  /** Where it listens; undefined means every interface. */
  readonly host: string | undefined;
  /** Asked when registering: the port is known once the listener is open. */
  readonly port: () => number;
  /** Where others reach it, when that is not where it listens, as behind a published port. */
  readonly advertised: URL | undefined;
  readonly client: DiscoveryClient;
  /** Without these the instance cannot work: it stays registered, and nothing is sent to it. */
  readonly needs: readonly Dependency[];
  readonly log: Logger;
}

/** Keeps one instance in discovery's registry, which hears at once when it cannot work. */
export class Registration {
  /** Answers while discovery keeps this instance. */
  readonly dependency: Dependency;
  readonly #options: RegistrationOptions;
  #registeredAs: string | undefined;
  #removed = false;

  constructor(options: RegistrationOptions) {
    this.#options = options;
    this.dependency = new Dependency({ name: 'discovery', log: options.log, probe: () => this.#keep() });
    for (const need of options.needs) {
      need.onChange(() => this.dependency.poke());
    }
  }

  async remove(): Promise<void> {
    this.#removed = true;
    // A registration that is under way would else be found by nobody here, and stay.
    await within(DEREGISTER_MS, 'discovery', this.dependency.stop()).catch(() => undefined);
    const id = this.#registeredAs;
    if (id !== undefined) {
      this.#registeredAs = undefined;
      // The registry drops a silent instance by itself: a stop must not hang on a discovery that is gone.
      await within(DEREGISTER_MS, 'discovery', this.#options.client.call('Deregister', { id }));
      this.#options.log.info({ id }, 'deregistered');
    }
  }

  /** Registers, or sends the heartbeat of a registration; registers again when discovery has forgotten it. */
  async #keep(): Promise<void> {
    const { client } = this.#options;
    const unready = !this.#isWorking();
    try {
      const known =
        this.#registeredAs !== undefined && (await client.call('Heartbeat', { id: this.#registeredAs, unready })).known;
      // A heartbeat that crosses the stop must not bring the instance back.
      if (!known && !this.#removed) {
        await this.#register();
      }
    } catch (error) {
      client.reset();
      throw error;
    }
  }

  #isWorking(): boolean {
    return this.#options.needs.every((need) => need.ok);
  }

  async #register(): Promise<void> {
    const { service, host, port, advertised, client, log } = this.#options;
    await client.connect();
    const instance: Instance = {
      id: instanceId(service, port()),
      service,
      address: advertised === undefined ? reachableAddress(host, client.localAddress) : hostOf(advertised),
      port: advertised === undefined ? port() : portOf(advertised),
      scheme: 'http',
      healthPath: '/health/ready',
      passing: this.#isWorking(),
      metadata: {},
    };
    await client.call('Register', { instance });
    this.#registeredAs = instance.id;
    log.info({ id: instance.id, address: `${instance.address}:${instance.port}` }, 'registered');
  }
}
