import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Dependency } from './dependency.ts';
import { describeError } from './errors.ts';
import type { ListenAddress } from './listen-url.ts';
import type { Logger } from './log.ts';
import { RequestMetrics } from './prometheus.ts';
import { FatalSetting } from './settings.ts';

export interface WebRequest {
  readonly method: string;
  readonly url: URL;
  /** The groups of the route's pattern, decoded. */
  readonly parameters: readonly string[];
  readonly headers: IncomingMessage['headers'];
  /** The body as JSON; throws `HttpError` 400 when it is none. */
  json(): Promise<unknown>;
}

export interface WebReply {
  readonly status: number;
  readonly body: unknown;
}

export interface Route {
  readonly method: string;
  readonly path: RegExp;
  readonly handle: (request: WebRequest) => Promise<WebReply>;
}

export interface WebServerOptions {
  readonly service: string;
  readonly log: Logger;
  readonly addresses: readonly ListenAddress[];
  readonly dependencies: readonly Dependency[];
  /** Discovery serves none, as in ToskaMesh. */
  readonly metrics?: 'served' | 'none';
  /** Facts for /health, such as where the registry is kept. */
  readonly facts?: Readonly<Record<string, string>>;
  readonly routes?: readonly Route[];
  /** Takes what no route takes; answers false for what it does not take either. */
  readonly fallback?: (request: IncomingMessage, response: ServerResponse, url: URL) => Promise<boolean>;
}

/** An answer that a handler gives by throwing. */
export class HttpError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const BODY_LIMIT = 1024 * 1024;
const DRAIN_MS = 5000;
const QUIET_PATHS = /^\/(?:health(?:\/.*)?|metrics)$/;

export class WebServer {
  readonly #options: WebServerOptions;
  readonly #servers: Server[] = [];
  readonly #metrics: RequestMetrics;
  #stopping = false;

  constructor(options: WebServerOptions) {
    this.#options = options;
    this.#metrics = new RequestMetrics(options.service);
  }

  get ready(): boolean {
    return !this.#stopping && this.#options.dependencies.every((dependency) => dependency.ok);
  }

  /** The port of the first address: another than was asked for when that was 0. */
  get port(): number {
    const address = this.#servers[0]?.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  async listen(): Promise<void> {
    for (const address of this.#options.addresses) {
      const server = createServer((request, response) => void this.#answer(request, response));
      await listenOn(server, address);
      this.#servers.push(server);
      this.#options.log.info('listening', { url: address.url, port: this.port });
    }
  }

  /** From here on not ready, while requests are still answered. */
  drain(): void {
    this.#stopping = true;
  }

  async close(): Promise<void> {
    this.drain();
    await Promise.all(this.#servers.map(closeServer));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const begun = performance.now();
    const method = request.method ?? 'GET';
    const url = requestUrl(request);
    response.once('close', () => {
      if (this.#stopping) {
        // A connection that is kept alive would hold up the stop, although its last request is answered.
        setImmediate(() => this.#closeIdle());
      }
      this.#metrics.count(method, response.statusCode);
      if (!QUIET_PATHS.test(url.pathname)) {
        const tookMs = Math.round((performance.now() - begun) * 10) / 10;
        this.#options.log.info('request', { method, path: url.pathname, status: response.statusCode, tookMs });
      }
    });
    try {
      await this.#route(request, response, method, url);
    } catch (error) {
      this.#fail(response, error);
    }
  }

  #closeIdle(): void {
    for (const server of this.#servers) {
      server.closeIdleConnections();
    }
  }

  async #route(request: IncomingMessage, response: ServerResponse, method: string, url: URL): Promise<void> {
    if (QUIET_PATHS.test(url.pathname)) {
      this.#answerOps(response, url.pathname);
      return;
    }
    const onPath = (this.#options.routes ?? []).filter((route) => route.path.test(url.pathname));
    const route = onPath.find((candidate) => candidate.method === method);
    if (route !== undefined) {
      const parameters = decodeParameters(route.path.exec(url.pathname) ?? []);
      const json = () => readJson(request);
      const reply = await route.handle({ method, url, parameters, headers: request.headers, json });
      sendJson(response, reply.status, reply.body);
    } else if (onPath.length > 0) {
      response.setHeader('allow', onPath.map((candidate) => candidate.method).join(', '));
      sendJson(response, 405, { error: `${method} is not allowed here` });
    } else if (!(await this.#options.fallback?.(request, response, url))) {
      sendJson(response, 404, { error: `nothing is served at ${url.pathname}` });
    }
  }

  #answerOps(response: ServerResponse, path: string): void {
    if (path === '/metrics' && this.#options.metrics !== 'none') {
      response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' });
      response.end(this.#metrics.render(this.ready));
    } else if (path === '/health/live') {
      sendJson(response, 200, { status: 'live' });
    } else if (path === '/health' || path === '/health/ready') {
      const checks = Object.fromEntries(this.#options.dependencies.map(({ name, check }) => [name, check]));
      const status = this.#stopping ? 'stopping' : this.ready ? 'ready' : 'unready';
      sendJson(response, this.ready ? 200 : 503, { status, checks, ...this.#options.facts });
    } else {
      sendJson(response, 404, { error: `nothing is served at ${path}` });
    }
  }

  #fail(response: ServerResponse, error: unknown): void {
    // What is no deliberate answer comes from a dependency: the client may try again.
    const status = error instanceof HttpError ? error.status : 503;
    const reason = describeError(error);
    if (!(error instanceof HttpError)) {
      this.#options.log.error('request failed', { reason });
    }
    if (response.headersSent) {
      response.destroy();
    } else {
      sendJson(response, status, { error: reason });
    }
  }
}

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body);
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
  response.end(text);
}

/** A JSON object's field that must be a text of some length. */
export function textField(body: unknown, name: string, maxLength: number): string {
  const value: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, name) : undefined;
  if (typeof value !== 'string' || value === '' || value.length > maxLength) {
    throw new HttpError(400, `the body needs "${name}", a text of 1 to ${maxLength} characters`);
  }
  return value;
}

function requestUrl(request: IncomingMessage): URL {
  // A path such as `//x` is no valid reference, and is not ours to interpret either.
  const path = request.url ?? '/';
  return URL.canParse(path, 'http://localhost') ? new URL(path, 'http://localhost') : new URL('http://localhost/');
}

function decodeParameters(groups: readonly (string | undefined)[]): readonly string[] {
  try {
    return groups.slice(1).map((group) => decodeURIComponent(group ?? ''));
  } catch {
    throw new HttpError(400, 'the path is not properly percent-encoded');
  }
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > BODY_LIMIT) {
      throw new HttpError(413, `the body is larger than ${BODY_LIMIT} bytes`);
    }
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    throw new HttpError(400, 'the body is not JSON');
  }
}

function listenOn(server: Server, address: ListenAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      reject(new FatalSetting(`${address.variable}: cannot listen on ${address.url}: ${describeError(error)}`));
    });
    server.listen({ port: address.port, host: address.host }, resolve);
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
