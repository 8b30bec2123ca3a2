import { type ExportResult, ExportResultCode } from '@opentelemetry/core';
import type { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-base';

/** Tells the address of the tracing service, or undefined while there is none. */
export type LocateTraces = () => Promise<URL | undefined>;

/** Enough for the seconds in which the tracing service restarts. */
const MAX_WAITING = 2048;
const TIMEOUT_MS = 2000;
/** Looked up again after this time, since instances come and go. */
const LOCATION_MS = 10_000;

/** Sends spans as OTLP/HTTP JSON to a service whose address is found at run time, and keeps them while it is not. */
export class LocatedExporter implements SpanExporter {
  readonly #locate: LocateTraces;
  #target: { readonly exporter: OTLPTraceExporter; readonly until: number } | undefined;
  #waiting: ReadableSpan[] = [];

  constructor(locate: LocateTraces) {
    this.#locate = locate;
  }

  export(spans: ReadableSpan[], done: (result: ExportResult) => void): void {
    // The oldest go first when there are too many: the newest are what somebody looks for.
    this.#waiting = [...this.#waiting, ...spans].slice(-MAX_WAITING);
    // A span that could not be sent waits here: to the SDK, which would drop it, it is done.
    this.#sendWaiting().then(
      () => done({ code: ExportResultCode.SUCCESS }),
      () => done({ code: ExportResultCode.SUCCESS }),
    );
  }

  async forceFlush(): Promise<void> {
    await this.#sendWaiting();
  }

  async shutdown(): Promise<void> {
    await this.#sendWaiting().catch(() => undefined);
    await this.#target?.exporter.shutdown();
  }

  async #sendWaiting(): Promise<void> {
    const exporter = await this.#exporter();
    const spans = this.#waiting;
    if (exporter === undefined || spans.length === 0) {
      return;
    }
    this.#waiting = [];
    const { code } = await new Promise<ExportResult>((resolve) => exporter.export(spans, resolve));
    if (code !== ExportResultCode.SUCCESS) {
      this.#target = undefined;
      this.#waiting = [...spans, ...this.#waiting].slice(-MAX_WAITING);
    }
  }

  async #exporter(): Promise<OTLPTraceExporter | undefined> {
    if (this.#target !== undefined && Date.now() < this.#target.until) {
      return this.#target.exporter;
    }
    const address = await this.#locate();
    if (address === undefined) {
      return undefined;
    }
    // Loaded once there is something to send to: start-up does not wait for it.
    const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-http');
    const exporter = new OTLPTraceExporter({ url: new URL('/v1/traces', address).href, timeoutMillis: TIMEOUT_MS });
    this.#target = { exporter, until: Date.now() + LOCATION_MS };
    return exporter;
  }
}
