import { logVerbosity, Server, ServerCredentials, setLogVerbosity } from '@grpc/grpc-js';
import { describeError, FatalSetting, type ListenAddress, type Logger } from '@toskamesh/shared';
import { discoveryDefinition, healthDefinition } from '@toskamesh/shared/grpc';
import { type GrpcApiOptions, grpcApi } from './grpc-api.ts';
import { GrpcHealth } from './grpc-health.ts';

const SHUTDOWN_MS = 100;
/** An instance with all that may be in it is smaller. */
const MESSAGE_BYTES = 64 * 1024;

// It would write lines that are not JSON to stderr, about errors that it also throws.
setLogVerbosity(logVerbosity.NONE);

export interface GrpcServerOptions extends GrpcApiOptions {
  readonly listen: ListenAddress;
  readonly isReady: () => boolean;
}

/** Listens for gRPC. Imported only when it is needed: the library takes long to load. */
export class GrpcServer {
  readonly #listen: ListenAddress;
  readonly #log: Logger;
  readonly #health: GrpcHealth;
  readonly #server = new Server({
    'grpc.max_receive_message_length': MESSAGE_BYTES,
    // Finds watchers that have vanished without a word.
    'grpc.keepalive_time_ms': 20_000,
    'grpc.keepalive_timeout_ms': 5000,
  });

  constructor(options: GrpcServerOptions) {
    this.#listen = options.listen;
    this.#log = options.log;
    this.#health = new GrpcHealth(options.isReady);
    this.#server.addService(discoveryDefinition, grpcApi(options));
    this.#server.addService(healthDefinition, this.#health.implementation);
  }

  async listen(): Promise<void> {
    const { host, port, url, variable } = this.#listen;
    // Every interface means IPv6 too, where the machine has it.
    const hosts = host === undefined ? ['[::]', '0.0.0.0'] : [host.includes(':') ? `[${host}]` : host];
    let failure: unknown;
    for (const candidate of hosts) {
      try {
        const bound = await this.#bind(`${candidate}:${port}`);
        this.#log.info({ url, port: bound }, 'listening for gRPC');
        return;
      } catch (error) {
        failure = error;
      }
    }
    throw new FatalSetting(`${variable}: cannot listen on ${url}: ${bindFailure(failure)}`);
  }

  /** Tells those who watch the health service. */
  readinessChanged(): void {
    this.#health.readinessChanged();
  }

  close(): Promise<void> {
    this.#health.close();
    return new Promise((resolve) => {
      // Clients keep idle connections open and need not react to being asked to leave.
      const timer = setTimeout(() => {
        this.#server.forceShutdown();
        resolve();
      }, SHUTDOWN_MS);
      this.#server.tryShutdown(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  #bind(address: string): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.bindAsync(address, ServerCredentials.createInsecure(), (error, port) =>
        error === null ? resolve(port) : reject(error),
      );
    });
  }
}

/** grpc-js puts the system's error into a sentence of its own. */
function bindFailure(error: unknown): string {
  const text = describeError(error);
  return /\bE[A-Z]{4,}\b/.exec(text)?.[0] ?? text;
}
