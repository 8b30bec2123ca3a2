import {
  type handleUnaryCall,
  logVerbosity,
  type Metadata,
  Server,
  ServerCredentials,
  type ServerWritableStream,
  setLogVerbosity,
  status,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import type { Instance } from '../shared/consul-client.ts';
import {
  DISCOVERY_SERVICE,
  type DiscoveryMethods,
  discoveryDefinition,
  type HealthCheckResponse,
  healthDefinition,
  type ServingStatus,
} from '../shared/discovery-proto.ts';
import { describeError } from '../shared/errors.ts';
import { bearerToken, verifyToken } from '../shared/jwt.ts';
import type { ListenAddress } from '../shared/listen-url.ts';
import type { Logger } from '../shared/log.ts';
import { SERVICE_AUTH } from '../shared/service-auth.ts';
import { FatalSetting } from '../shared/settings.ts';
import { type Registry, TTL_SECONDS } from './registry.ts';

const SHUTDOWN_MS = 100;

// It would write lines that are not JSON to stderr, about errors that it also throws.
setLogVerbosity(logVerbosity.NONE);

export interface GrpcServerOptions {
  readonly listen: ListenAddress;
  readonly registry: Registry;
  readonly serviceAuthSecret: string;
  readonly isReady: () => boolean;
  readonly publish: (key: string, event: object) => void;
  readonly log: Logger;
}

/** An answer other than OK. */
class CallError extends Error {
  readonly code: status;

  constructor(code: status, message: string) {
    super(message);
    this.code = code;
  }
}

type HealthCall = ServerWritableStream<{ readonly service: string }, HealthCheckResponse>;

export class DiscoveryGrpcServer {
  readonly #options: GrpcServerOptions;
  readonly #server = new Server();
  readonly #watchers = new Set<HealthCall>();

  constructor(options: GrpcServerOptions) {
    this.#options = options;
    this.#server.addService(discoveryDefinition, this.#discovery());
    this.#server.addService(healthDefinition, this.#health());
  }

  async listen(): Promise<void> {
    const { host, port, url, variable } = this.#options.listen;
    // Every interface means IPv6 too, where the machine has it.
    const hosts = host === undefined ? ['[::]', '0.0.0.0'] : [host.includes(':') ? `[${host}]` : host];
    let failure: unknown;
    for (const candidate of hosts) {
      try {
        const bound = await this.#bind(`${candidate}:${port}`);
        this.#options.log.info('listening for gRPC', { url, port: bound });
        return;
      } catch (error) {
        failure = error;
      }
    }
    throw new FatalSetting(`${variable}: cannot listen on ${url}: ${bindFailure(failure)}`);
  }

  /** Tells those who watch the health service. */
  readinessChanged(): void {
    for (const call of this.#watchers) {
      call.write({ status: this.#servingStatus() });
    }
  }

  close(): Promise<void> {
    for (const call of this.#watchers) {
      call.end();
    }
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

  #servingStatus(): ServingStatus {
    return this.#options.isReady() ? 'SERVING' : 'NOT_SERVING';
  }

  #discovery(): UntypedServiceImplementation {
    const { registry, publish, log } = this.#options;
    return {
      Register: unary<'Register'>(async ({ instance }) => {
        const checked = requireInstance(instance);
        await registry.register(checked);
        const { id, service, address, port } = checked;
        log.info('instance registered', { id, instanceOf: service, address: `${address}:${port}` });
        publish('instance.registered', { id, service, address, port });
        return { ttlSeconds: TTL_SECONDS };
      }),
      Deregister: unary<'Deregister'>(async ({ id }) => {
        const known = await registry.deregister(id);
        if (known) {
          log.info('instance deregistered', { id });
          publish('instance.deregistered', { id });
        }
        return { known };
      }),
      Heartbeat: unary<'Heartbeat'>(async ({ id }) => ({ known: await registry.heartbeat(id) })),
      Resolve: unary<'Resolve'>(async ({ service }, metadata) => {
        this.#requireServiceToken(metadata);
        const instances = await registry.list();
        return { instances: instances.filter((instance) => instance.passing && instance.service === service) };
      }),
      List: unary<'List'>(async () => ({ instances: await registry.list() })),
    };
  }

  #health(): UntypedServiceImplementation {
    const check: handleUnaryCall<{ readonly service: string }, HealthCheckResponse> = (call, callback) => {
      if (knowsService(call.request.service)) {
        callback(null, { status: this.#servingStatus() });
      } else {
        callback({ code: status.NOT_FOUND, details: 'no such service' });
      }
    };
    const watch = (call: HealthCall): void => {
      const known = knowsService(call.request.service);
      call.write({ status: known ? this.#servingStatus() : 'SERVICE_UNKNOWN' });
      if (known) {
        this.#watchers.add(call);
        call.on('close', () => this.#watchers.delete(call));
        call.on('cancelled', () => this.#watchers.delete(call));
      }
    };
    return { Check: check, Watch: watch };
  }

  #requireServiceToken(metadata: Metadata): void {
    const [header] = metadata.get('authorization');
    const token = bearerToken(typeof header === 'string' ? header : undefined);
    const verdict = token === undefined ? undefined : verifyToken(this.#options.serviceAuthSecret, token, SERVICE_AUTH);
    if (verdict?.ok !== true) {
      const why = verdict === undefined ? 'there is none' : verdict.why;
      throw new CallError(status.UNAUTHENTICATED, `the service token is refused: ${why}`);
    }
  }
}

function unary<K extends keyof DiscoveryMethods>(
  handle: (request: DiscoveryMethods[K][0], metadata: Metadata) => Promise<DiscoveryMethods[K][1]>,
): handleUnaryCall<DiscoveryMethods[K][0], DiscoveryMethods[K][1]> {
  return (call, callback) => {
    handle(call.request, call.metadata).then(
      (reply) => callback(null, reply),
      (error: unknown) => {
        // What is no deliberate answer comes from the registry: the caller may try again.
        const reason = describeError(error);
        callback(
          error instanceof CallError
            ? { code: error.code, details: reason }
            : { code: status.UNAVAILABLE, details: `the registry fails: ${reason}` },
        );
      },
    );
  };
}

function requireInstance(instance: Instance | null): Instance {
  if (
    instance === null ||
    instance.id === '' ||
    instance.service === '' ||
    instance.address === '' ||
    instance.port < 1
  ) {
    throw new CallError(status.INVALID_ARGUMENT, 'an instance needs id, service, address and port');
  }
  return { ...instance, scheme: instance.scheme === '' ? 'http' : instance.scheme, passing: true };
}

/** grpc-js puts the system's error into a sentence of its own. */
function bindFailure(error: unknown): string {
  const text = describeError(error);
  return /\bE[A-Z]{4,}\b/.exec(text)?.[0] ?? text;
}

function knowsService(name: string): boolean {
  return name === '' || name === DISCOVERY_SERVICE;
}
