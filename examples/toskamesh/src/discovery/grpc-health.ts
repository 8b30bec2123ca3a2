import {
  type handleUnaryCall,
  type ServerWritableStream,
  status,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { DISCOVERY_SERVICE, type HealthCheckResponse, type ServingStatus } from '@toskamesh/shared/grpc';

const MAX_WATCHERS = 100;

type Request = { readonly service: string };
type WatchCall = ServerWritableStream<Request, HealthCheckResponse>;

/** gRPC's own health service: https://github.com/grpc/grpc/blob/master/doc/health-checking.md */
export class GrpcHealth {
  readonly #isReady: () => boolean;
  readonly #watchers = new Set<WatchCall>();

  constructor(isReady: () => boolean) {
    this.#isReady = isReady;
  }

  get implementation(): UntypedServiceImplementation {
    const check: handleUnaryCall<Request, HealthCheckResponse> = (call, callback) => {
      if (isKnown(call.request.service)) {
        callback(null, { status: this.#status });
      } else {
        callback({ code: status.NOT_FOUND, details: 'no such service' });
      }
    };
    return { Check: check, Watch: (call: WatchCall) => this.#watch(call) };
  }

  readinessChanged(): void {
    for (const call of this.#watchers) {
      call.write({ status: this.#status });
    }
  }

  close(): void {
    for (const call of this.#watchers) {
      call.end();
    }
  }

  get #status(): ServingStatus {
    return this.#isReady() ? 'SERVING' : 'NOT_SERVING';
  }

  #watch(call: WatchCall): void {
    if (!isKnown(call.request.service)) {
      call.write({ status: 'SERVICE_UNKNOWN' });
      return;
    }
    if (this.#watchers.size >= MAX_WATCHERS) {
      call.emit('error', { code: status.RESOURCE_EXHAUSTED, details: `there are ${MAX_WATCHERS} watchers already` });
      return;
    }
    this.#watchers.add(call);
    call.on('close', () => this.#watchers.delete(call));
    call.on('cancelled', () => this.#watchers.delete(call));
    call.write({ status: this.#status });
  }
}

function isKnown(service: string): boolean {
  return service === '' || service === DISCOVERY_SERVICE;
}
