import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { describeError } from '@toskamesh/shared';
import type { Dispatcher } from 'undici';
import type { Failure } from './retry-rule.ts';

/** What is read and dropped of an answer that is not passed on, so that its connection can be used again. */
const DROPPED_BYTES = 64 * 1024;

export type Outcome =
  /** Passed on to the end. */
  | { readonly kind: 'answered'; readonly status: number }
  /** No byte of an answer was passed on. */
  | { readonly kind: 'failed'; readonly failure: Failure; readonly reason: string; readonly status?: number }
  /** The instance broke off in the middle of an answer. */
  | { readonly kind: 'broken'; readonly status: number; readonly reason: string }
  /** The caller went away before the headers, or before the end, of an answer. */
  | { readonly kind: 'abandoned'; readonly before: 'headers' | 'end' }
  /** No instance can be sent this. */
  | { readonly kind: 'invalid'; readonly reason: string };

export interface AttemptOptions {
  readonly response: ServerResponse;
  /** Called before anything of an answer is written; false drops the answer, which then counts as a failure. */
  readonly accept: (status: number) => boolean;
  /** The status and headers that the caller gets. */
  readonly writeHead: (status: number, headers: IncomingHttpHeaders) => void;
  readonly done: (outcome: Outcome) => void;
}

/** One request to one instance: passes its answer on as it comes, no faster than the caller reads. */
export class Attempt implements Dispatcher.DispatchHandler {
  readonly #options: AttemptOptions;
  #controller: Dispatcher.DispatchController | undefined;
  #phase: 'waiting' | 'passing' | 'dropping' | 'done' = 'waiting';
  #status = 0;
  #dropped = 0;

  constructor(options: AttemptOptions) {
    this.#options = options;
    options.response.once('close', this.#onClose);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#phase === 'done') {
      controller.abort(new Error('the caller went away'));
    }
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    // 103 and the like come before the answer.
    if (status < 200 || this.#phase !== 'waiting') {
      return;
    }
    this.#status = status;
    if (!this.#options.accept(status)) {
      this.#settle({ kind: 'failed', failure: 'unavailable', reason: `HTTP ${status}`, status });
      this.#phase = 'dropping';
      return;
    }
    this.#phase = 'passing';
    this.#options.response.on('drain', () => controller.resume());
    this.#options.writeHead(status, headers);
    if (headers['content-length'] === undefined) {
      // The first byte of a stream of events may be a long time off, and the caller wants to know that it is open.
      this.#options.response.flushHeaders();
    }
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#phase === 'passing') {
      if (!this.#options.response.write(chunk)) {
        controller.pause();
      }
    } else if (this.#phase === 'dropping') {
      this.#dropped += chunk.length;
      if (this.#dropped > DROPPED_BYTES) {
        controller.abort(new Error('too long to be dropped'));
      }
    }
  }

  onResponseEnd(): void {
    if (this.#phase === 'passing') {
      this.#options.response.end();
      this.#settle({ kind: 'answered', status: this.#status });
    }
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    const reason = describeError(error);
    if (this.#phase === 'passing') {
      // Cutting the connection is all that is left to tell the caller that this is not the whole answer.
      this.#settle({ kind: 'broken', status: this.#status, reason });
      this.#options.response.destroy(error);
    } else if (this.#phase === 'waiting') {
      const code = 'code' in error ? error.code : undefined;
      if (code === 'UND_ERR_INVALID_ARG') {
        this.#settle({ kind: 'invalid', reason: error.message });
      } else {
        this.#settle({ kind: 'failed', failure: this.#failureOf(code), reason });
      }
    }
  }

  #failureOf(code: unknown): Failure {
    // The request starts when it is about to be written to a connection.
    if (this.#controller === undefined) {
      return 'not-sent';
    }
    return code === 'UND_ERR_HEADERS_TIMEOUT' ? 'timeout' : 'lost';
  }

  readonly #onClose = (): void => {
    if (this.#phase === 'waiting' || this.#phase === 'passing') {
      this.#settle({ kind: 'abandoned', before: this.#phase === 'waiting' ? 'headers' : 'end' });
      this.#controller?.abort(new Error('the caller went away'));
    }
  };

  #settle(outcome: Outcome): void {
    this.#phase = 'done';
    this.#options.response.removeListener('close', this.#onClose);
    this.#options.done(outcome);
  }
}
