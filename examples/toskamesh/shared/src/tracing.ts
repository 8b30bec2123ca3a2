import {
  type Attributes,
  type Context,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { LocatedExporter, type LocateTraces } from './span-exporter.ts';

const EXPORT_EVERY_MS = 1000;
const FLUSH_MS = 1000;

/** What other services read of a trace: https://www.w3.org/TR/trace-context/ */
const propagator = new W3CTraceContextPropagator();
const fromHeaders = {
  keys: (headers: Headers) => Object.keys(headers),
  get: (headers: Headers, name: string) => headers[name],
};
const toHeaders = {
  set: (headers: Record<string, string>, name: string, value: string) => {
    headers[name] = value;
  },
};

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** A unit of work that is measured, such as a request that is answered or one that is sent. */
export class RequestTrace {
  readonly #provider: BasicTracerProvider;
  readonly #span: Span;
  readonly #context: Context;

  constructor(provider: BasicTracerProvider, name: string, kind: SpanKind, attributes: Attributes, parent: Context) {
    this.#provider = provider;
    this.#span = provider.getTracer('toskamesh').startSpan(name, { kind, attributes }, parent);
    this.#context = trace.setSpan(parent, this.#span);
  }

  get traceId(): string {
    return this.#span.spanContext().traceId;
  }

  /** `traceparent` and `tracestate`, for a request that is a part of this work. */
  headers(): Readonly<Record<string, string>> {
    const headers: Record<string, string> = {};
    propagator.inject(this.#context, headers, toHeaders);
    return headers;
  }

  /** A request that this work sends. */
  child(name: string, attributes: Attributes = {}): RequestTrace {
    return new RequestTrace(this.#provider, name, SpanKind.CLIENT, attributes, this.#context);
  }

  /** @param failure - why it failed; undefined when it did not */
  end(attributes: Attributes = {}, failure?: string): void {
    this.#span.setAttributes(attributes);
    if (failure !== undefined) {
      this.#span.setStatus({ code: SpanStatusCode.ERROR, message: failure });
    }
    this.#span.end();
  }
}

/** Measures requests and sends them to the tracing service, wherever that is. */
export class Tracing {
  readonly #provider: BasicTracerProvider;

  /** @param locate - where to send spans to; they wait while it tells nothing */
  constructor(service: string, locate: LocateTraces) {
    this.#provider = new BasicTracerProvider({
      resource: resourceFromAttributes({ 'service.name': service }),
      spanProcessors: [new BatchSpanProcessor(new LocatedExporter(locate), { scheduledDelayMillis: EXPORT_EVERY_MS })],
    });
  }

  /** A request that arrived; it goes on with the caller's trace when its headers name one. */
  received(name: string, headers: Headers, attributes: Attributes = {}): RequestTrace {
    const parent = propagator.extract(ROOT_CONTEXT, headers, fromHeaders);
    return new RequestTrace(this.#provider, name, SpanKind.SERVER, attributes, parent);
  }

  /** Sends what is left, for a second at most. */
  async close(): Promise<void> {
    const timer = new Promise((resolve) => setTimeout(resolve, FLUSH_MS).unref());
    await Promise.race([this.#provider.shutdown().catch(() => undefined), timer]);
  }
}
