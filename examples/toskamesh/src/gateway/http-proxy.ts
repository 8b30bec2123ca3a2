import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';
import { type Logger, Problem } from '@toskamesh/shared';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Dispatcher } from 'undici';
import { Attempt, type Outcome } from './attempt.ts';
import type { Pass } from './circuit-breaker.ts';
import { type ClientBody, dropRest, readBody } from './client-body.ts';
import { asksForWebSocket, requestHeaders, responseHeaders } from './forwarded-headers.ts';
import type { GatewayMetrics } from './gateway-metrics.ts';
import type { InstanceTable, ServiceEntry } from './instance-table.ts';
import { failureProblem, noInstance, unknownService } from './proxy-problems.ts';
import type { RetryBudget } from './retry-budget.ts';
import { type Failure, mayRepeat } from './retry-rule.ts';
import { hasAnother, retryAfterSeconds } from './round-robin.ts';
import { belongsToMesh, serviceOf } from './service-names.ts';
import type { Upstream } from './upstream.ts';

/** A third instance that fails is hardly the instances' fault. */
const MAX_ATTEMPTS = 3;

export interface HttpProxyOptions {
  readonly table: InstanceTable;
  readonly budget: RetryBudget;
  readonly metrics: GatewayMetrics;
  readonly log: Logger;
  readonly headersTimeoutMs: number;
  readonly maxInFlight: number;
}

/** A request on its way, over all attempts. */
interface Exchange {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly service: string;
  readonly body: ClientBody;
  readonly deadline: number;
  readonly tried: Set<Upstream>;
}

/** Passes requests on to the instances of their service, and tries another one where that is safe and affordable. */
export class HttpProxy {
  readonly #options: HttpProxyOptions;
  #inFlight = 0;

  constructor(options: HttpProxyOptions) {
    this.#options = options;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  async handle(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const { budget, headersTimeoutMs, maxInFlight } = this.#options;
    if (asksForWebSocket(request.headers)) {
      throw new Problem(501, 'this gateway passes on plain requests and no web sockets');
    }
    const service = this.#serviceFor(request);
    if (this.#inFlight >= maxInFlight) {
      throw new Problem(503, 'too many requests are under way; try again', { headers: { 'retry-after': '1' } });
    }
    this.#inFlight += 1;
    let body: ClientBody | undefined;
    try {
      body = await readBody(request.raw, headersTimeoutMs);
      if (body === undefined) {
        reply.hijack();
        return;
      }
      budget.request(Date.now());
      const deadline = Date.now() + headersTimeoutMs;
      await this.#exchange({ request, reply, service, body, deadline, tried: new Set() });
    } finally {
      this.#inFlight -= 1;
      if (body !== undefined) {
        dropRest(body);
      }
    }
  }

  #serviceFor(request: FastifyRequest): string {
    const name = serviceOf(request.raw.url ?? '');
    if (name === undefined) {
      throw new Problem(404, `nothing is served for ${request.method} ${request.url.split('?', 1)[0]}`);
    }
    if (this.#options.table.service(name) === undefined) {
      throw belongsToMesh(name) ? noInstance(name) : unknownService(name);
    }
    return name;
  }

  /** Asked for each attempt: the table may have changed since the last one. */
  #entry(service: string): ServiceEntry {
    const entry = this.#options.table.service(service);
    if (entry === undefined) {
      throw noInstance(service);
    }
    return entry;
  }

  async #exchange(exchange: Exchange): Promise<void> {
    const { service, tried, reply, request } = exchange;
    const { metrics } = this.#options;
    for (;;) {
      if (reply.raw.destroyed || request.raw.socket.destroyed) {
        // Nobody is there to be answered, nor an end of the answer to wait for.
        reply.hijack();
        return;
      }
      const now = Date.now();
      const { robin, passing } = this.#entry(service);
      const upstream = robin.next(passing, tried, now);
      if (upstream === undefined) {
        throw noInstance(service, passing.length === 0 ? undefined : retryAfterSeconds(passing, now));
      }
      tried.add(upstream);
      const outcome = await this.#attempt(exchange, upstream);
      if (outcome.kind === 'invalid') {
        throw new Problem(400, `the request cannot be passed on: ${outcome.reason}`);
      }
      if (outcome.kind !== 'failed') {
        reply.hijack();
        return;
      }
      this.#logFailure(exchange, upstream, outcome.reason);
      // What was dropped because another instance is there to be asked has been paid for already.
      if (outcome.failure !== 'unavailable' && !this.#takeRetry(exchange, outcome.failure)) {
        throw failureProblem(service, upstream.instance.id, outcome.failure);
      }
      metrics.retry(service);
    }
  }

  /** Whether another instance may be asked; takes it out of the budget. */
  #takeRetry({ request, body, service, tried, deadline }: Exchange, failure: Failure): boolean {
    const now = Date.now();
    const isLeft = tried.size < MAX_ATTEMPTS && now < deadline && hasAnother(this.#entry(service).passing, tried, now);
    const isStreamGone = body.kind === 'streamed' && body.content.destroyed;
    const repeatable = { method: request.method, headers: request.headers, body: body.kind };
    return isLeft && !isStreamGone && mayRepeat(repeatable, failure) && this.#options.budget.take(now);
  }

  #attempt(exchange: Exchange, upstream: Upstream): Promise<Outcome> {
    const { request, reply, service, body, deadline, tried } = exchange;
    const { instance, breaker, origin } = upstream;
    const pass = breaker.enter(Date.now());
    const trace = request.trace?.child(`${request.method} ${service}`, {
      'server.address': instance.address,
      'server.port': instance.port,
      'service.instance.id': instance.id,
      'http.request.resend_count': tried.size - 1,
    });
    upstream.requests += 1;
    upstream.inFlight += 1;
    return new Promise((resolve) => {
      const attempt = new Attempt({
        response: reply.raw,
        accept: (status) => {
          this.#judge(upstream, pass, isUnavailable(status) ? 'failed' : 'succeeded');
          return !(isUnavailable(status) && this.#takeRetry(exchange, 'unavailable'));
        },
        writeHead: (status, headers) => this.#writeHead(reply, status, headers, instance.id),
        done: (outcome) => {
          upstream.inFlight -= 1;
          this.#finished(upstream, pass, outcome, body.kind);
          trace?.end(
            'status' in outcome ? { 'http.response.status_code': outcome.status ?? 0 } : {},
            'reason' in outcome ? outcome.reason : undefined,
          );
          resolve(outcome);
        },
      });
      const options: Dispatcher.DispatchOptions = {
        origin,
        path: request.raw.url ?? '/',
        method: request.method as Dispatcher.HttpMethod,
        headers: requestHeaders(request.raw, (request.ips ?? [request.ip]).map(plainAddress), {
          'x-request-id': request.id,
          ...trace?.headers(),
        }),
        body: body.content,
        headersTimeout: Math.max(1, deadline - Date.now()),
      };
      upstream.dispatch(options, attempt);
    });
  }

  #writeHead(reply: FastifyReply, status: number, headers: IncomingHttpHeaders, instanceId: string): void {
    reply.hijack();
    const sent: OutgoingHttpHeaders = responseHeaders(headers);
    reply.raw.writeHead(status, Object.assign(sent, reply.getHeaders(), { 'x-served-by': instanceId }));
  }

  /** What an attempt without an answer, or with half of one, says of the instance. */
  #finished(upstream: Upstream, pass: Pass, outcome: Outcome, body: ClientBody['kind']): void {
    const { metrics } = this.#options;
    const { service } = upstream.instance;
    switch (outcome.kind) {
      case 'answered':
        metrics.attempt(service, String(outcome.status));
        break;
      case 'failed':
        metrics.attempt(service, outcome.status === undefined ? outcome.failure : String(outcome.status));
        if (outcome.failure === 'lost' && body === 'streamed') {
          // An instance breaks off an upload that is too large for it. That must not keep all others from it.
          upstream.breaker.gaveUp(pass);
        } else if (outcome.failure !== 'unavailable') {
          this.#judge(upstream, pass, outcome.failure === 'not-sent' ? 'unreachable' : 'failed');
        }
        break;
      case 'broken':
        metrics.attempt(service, 'broken');
        this.#judge(upstream, 'normal', 'failed');
        break;
      case 'abandoned':
        metrics.attempt(service, outcome.kind);
        if (outcome.before === 'headers') {
          upstream.breaker.gaveUp(pass);
        }
        break;
      case 'invalid':
        upstream.breaker.gaveUp(pass);
        break;
    }
  }

  #judge(upstream: Upstream, pass: Pass, verdict: 'succeeded' | 'failed' | 'unreachable'): void {
    const { breaker, instance } = upstream;
    const now = Date.now();
    const before = breaker.state(now);
    if (verdict === 'succeeded') {
      breaker.succeeded(pass);
    } else {
      upstream.failures += 1;
      if (verdict === 'unreachable') breaker.unreachable(now);
      else breaker.failed(pass, now);
    }
    const after = breaker.state(now);
    if (after !== before) {
      this.#options.log.warn({ upstream: instance.id, from: before, to: after }, 'circuit breaker');
    }
  }

  #logFailure({ request, tried }: Exchange, { instance }: Upstream, reason: string): void {
    const fields = { upstream: instance.id, reason, attempt: tried.size, requestId: request.id };
    this.#options.log.warn({ ...fields, traceId: request.trace?.traceId }, 'an instance did not answer');
  }
}

/** What an instance says that cannot work at the moment, or whose own upstream does not. */
function isUnavailable(status: number): boolean {
  return status >= 502 && status <= 504;
}

/** Without the prefix that an IPv4 address has on a listener for both families. */
function plainAddress(address: string): string {
  return address.startsWith('::ffff:') ? address.slice(7) : address;
}
