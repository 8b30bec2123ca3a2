import { randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { type FastifyError, type FastifyReply, type FastifyRequest, fastify, LogController } from 'fastify';
import type { App } from './app.ts';
import type { Dependency } from './dependency.ts';
import { describeError } from './errors.ts';
import { fieldProblem } from './field-problem.ts';
import type { ListenAddress } from './listen-url.ts';
import type { Logger } from './log.ts';
import { ServiceMetrics } from './metrics.ts';
import { PROBLEM_TYPE, Problem, problemBody } from './problem.ts';
import { FatalSetting } from './settings.ts';
import type { Tracing } from './tracing.ts';
import type { TrustedProxies } from './trusted-proxies.ts';
import { UnusedConnections } from './unused-connections.ts';

export interface WebServerOptions {
  readonly service: string;
  readonly log: Logger;
  readonly addresses: readonly ListenAddress[];
  /** Those without which the service cannot work: it is ready while all of them answer. */
  readonly dependencies: readonly Dependency[];
  /** Discovery serves none, as in ToskaMesh. */
  readonly metrics?: 'served' | 'none';
  /** For /health, such as where the registry is kept. */
  readonly facts?: () => Readonly<Record<string, unknown>>;
  readonly tracing?: Tracing | undefined;
  /** Without any, a caller is who connected, whatever its headers say. */
  readonly trustedProxies?: TrustedProxies | undefined;
}

const BODY_LIMIT_BYTES = 1024 * 1024;
const DRAIN_MS = 5000;
/** Fastify's names of what it validates, in a caller's words. */
const PLACES: Readonly<Record<string, string>> = { body: 'body', params: 'path', querystring: 'query' };
/** What proxies log for an answer whose end the caller has not seen, whatever its status was. */
const CUT_SHORT = 499;

/** A Fastify server with what every service answers and does: health, metrics, logs, spans, problems, a graceful stop. */
export class WebServer {
  readonly app: App;
  readonly metrics: ServiceMetrics;
  readonly #options: WebServerOptions;
  /** For the addresses after the first, which Fastify has no listener for. */
  readonly #others: Server[] = [];
  readonly #unused = new UnusedConnections();
  readonly #facts: (() => Readonly<Record<string, unknown>>)[] = [];
  #stopping = false;

  constructor(options: WebServerOptions) {
    this.#options = options;
    this.metrics = new ServiceMetrics(options.service, () => this.ready);
    const app: App = fastify({
      loggerInstance: options.log,
      logController: new LogController({ disableRequestLogging: true }),
      bodyLimit: BODY_LIMIT_BYTES,
      trustProxy: options.trustedProxies ?? false,
      requestIdHeader: 'x-request-id',
      genReqId: () => randomUUID(),
      // Ends connections that are kept alive and idle as soon as the server closes.
      forceCloseConnections: 'idle',
      // A request that was on its way when the stop began is answered like any other.
      return503OnClosing: false,
      // A target that cannot be decoded, which comes before all hooks.
      frameworkErrors: (error, request, reply) => void this.#answerProblem(error, request, reply),
      // All that is wrong with a body is told at once, and nothing in it is changed to fit.
      ajv: { customOptions: { allErrors: true, coerceTypes: false, removeAdditional: false, verbose: true } },
    });
    this.app = app;
    this.#unused.watch(app.server);
    app.decorateRequest('user', undefined);
    app.decorateRequest('trace', undefined);
    this.#addHooks();
    app.setErrorHandler((error: FastifyError, request, reply) => this.#answerProblem(error, request, reply));
    app.setNotFoundHandler((request) => {
      throw new Problem(404, `nothing is served for ${request.method} ${pathOf(request)}`);
    });
    this.#addOperations();
  }

  get ready(): boolean {
    return !this.#stopping && this.#options.dependencies.every((dependency) => dependency.ok);
  }

  /** The port of the first address: another than was asked for when that was 0. */
  get port(): number {
    const address = this.app.server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  async listen(): Promise<void> {
    const [first, ...others] = this.#options.addresses;
    if (first === undefined) {
      throw new FatalSetting('URLS is not set');
    }
    await this.app.ready();
    const { port, host } = first;
    await this.app
      .listen({ port, host: host ?? anyHost(), listenTextResolver: () => 'bound' })
      .catch(cannotListen(first));
    this.#options.log.info({ url: first.url, port: this.port }, 'listening');
    for (const address of others) {
      const server = createServer(this.app.routing);
      this.#unused.watch(server);
      await listenOn(server, address).catch(cannotListen(address));
      this.#others.push(server);
      this.#options.log.info({ url: address.url }, 'listening');
    }
  }

  /** More for /health, of what is made once this server is. */
  addFacts(facts: () => Readonly<Record<string, unknown>>): void {
    this.#facts.push(facts);
  }

  /** From here on not ready, while requests are still answered. */
  drain(): void {
    this.#stopping = true;
  }

  async close(): Promise<void> {
    this.drain();
    const timer = setTimeout(() => this.app.server.closeAllConnections(), DRAIN_MS);
    const closed = Promise.all([this.app.close(), ...this.#others.map(closeServer)]);
    this.#unused.close();
    await closed;
    clearTimeout(timer);
  }

  #addHooks(): void {
    const { tracing } = this.#options;
    this.app.addHook('onRequest', async (request, reply) => {
      reply.header('x-request-id', request.id);
      // Nothing else tells of a caller who goes away first, which is how every stream of events ends.
      reply.raw.once('close', () => {
        if (!reply.raw.writableFinished) {
          this.#ended(request, reply, CUT_SHORT);
        }
      });
      if (request.routeOptions.config.quiet !== true) {
        const attributes = {
          'http.request.method': request.method,
          'url.path': pathOf(request),
          'request.id': request.id,
        };
        request.trace = tracing?.received(`${request.method} ${routeOf(request)}`, request.headers, attributes);
      }
    });
    this.app.addHook('onSend', async (_request, reply) => {
      // A connection that is kept alive would hold up the stop, also one whose request came before it.
      if (this.#stopping) {
        reply.header('connection', 'close');
      }
    });
    this.app.addHook('onResponse', async (request, reply) => this.#ended(request, reply, reply.statusCode));
  }

  /** Counts, measures and logs a request that is over. */
  #ended(request: FastifyRequest, reply: FastifyReply, status: number): void {
    const { elapsedTime } = reply;
    this.metrics.observe(request.method, routeOf(request), status, elapsedTime / 1000);
    if (request.routeOptions.config.quiet === true) {
      return;
    }
    request.trace?.end({ 'http.response.status_code': status }, status >= 500 ? `HTTP ${status}` : undefined);
    this.#options.log.info(
      {
        method: request.method,
        path: pathOf(request),
        status,
        tookMs: Math.round(elapsedTime * 10) / 10,
        requestId: request.id,
        traceId: request.trace?.traceId,
      },
      status === CUT_SHORT ? 'request cut short' : 'request',
    );
  }

  #addOperations(): void {
    const quiet = { config: { quiet: true, public: true } };
    this.app.get('/health/live', quiet, async () => ({ status: 'live' }));
    for (const path of ['/health', '/health/ready']) {
      this.app.get(path, quiet, async (_request, reply) => reply.code(this.ready ? 200 : 503).send(this.#health()));
    }
    if (this.#options.metrics !== 'none') {
      const { registry } = this.metrics;
      this.app.get('/metrics', quiet, async (_request, reply) =>
        reply.type(registry.contentType).send(await registry.metrics()),
      );
    }
  }

  #health(): Readonly<Record<string, unknown>> {
    const { dependencies, facts } = this.#options;
    const checks = Object.fromEntries(dependencies.map(({ name, check }) => [name, check]));
    const status = this.#stopping ? 'stopping' : this.ready ? 'ready' : 'unready';
    return Object.assign({ status, checks, ...facts?.() }, ...this.#facts.map((more) => more()));
  }

  #answerProblem(error: FastifyError | Problem, request: FastifyRequest, reply: FastifyReply): FastifyReply {
    const problem = problemOf(error);
    if (problem.status >= 500) {
      const { id: requestId, trace } = request;
      const reason = describeError(problem.cause ?? error);
      const stack = problem.status === 500 ? error.stack : undefined;
      this.#options.log.error({ reason, stack, requestId, traceId: trace?.traceId }, 'request failed');
    }
    return reply
      .code(problem.status)
      .headers(problem.headers)
      .type(PROBLEM_TYPE)
      .send(JSON.stringify(problemBody(problem, pathOf(request), request.id)));
  }
}

/** What goes wrong inside is not for the caller to read: it is in the log, under the request's id. */
function problemOf(error: FastifyError | Problem): Problem {
  if (error instanceof Problem) {
    return error;
  }
  if (error.validation !== undefined) {
    const place = PLACES[error.validationContext ?? ''] ?? 'request';
    return new Problem(400, `the ${place} is not as expected`, { errors: error.validation.map(fieldProblem) });
  }
  const { statusCode = 500 } = error;
  return statusCode < 500 ? new Problem(statusCode, error.message) : new Problem(500, 'something failed inside');
}

/** The pattern, such as `/api/config/:service`: for labels and names, of which there must be few. */
function routeOf(request: FastifyRequest): string {
  return request.routeOptions.url ?? 'none';
}

/** Without the query, which may hold what no log should. */
function pathOf(request: FastifyRequest): string {
  return request.url.split('?', 1)[0] ?? request.url;
}

/** Every interface, of IPv6 too where the machine has it. */
function anyHost(): string {
  return '::';
}

function cannotListen({ variable, url }: ListenAddress): (error: unknown) => never {
  return (error) => {
    throw new FatalSetting(`${variable}: cannot listen on ${url}: ${describeError(error)}`);
  };
}

function listenOn(server: Server, { port, host }: ListenAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host }, resolve);
  });
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
    server.close(() => {
      clearTimeout(timer);
      resolve();
    });
    server.closeIdleConnections();
  });
}
