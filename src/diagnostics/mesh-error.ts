import type { Code } from './catalogue.ts';
import type { Diagnostic } from './diagnostic.ts';
import type { Location, Source } from './location.ts';

/** Exit codes of every command: 0 done, 1 an operation failed, 2 bad input, 3 no engine, 70 our bug, 130 interrupted. */
export type ExitCode = 0 | 1 | 2 | 3 | 70 | 130;

export interface MeshErrorOptions {
  readonly code: Code;
  readonly hint?: string | undefined;
  readonly location?: Location | undefined;
  readonly exitCode?: ExitCode | undefined;
  readonly cause?: unknown;
}

/** The world failed: an engine, a port, a file. Thrown by adapters; our own bugs are any other error. */
export class MeshError extends Error {
  override readonly name = 'MeshError';
  readonly code: Code;
  readonly hint: string | undefined;
  readonly location: Location | undefined;
  readonly exitCode: ExitCode;

  constructor(message: string, options: MeshErrorOptions) {
    super(message, { cause: options.cause });
    this.code = options.code;
    this.hint = options.hint;
    this.location = options.location;
    this.exitCode = options.exitCode ?? 1;
  }
}

/** What the user wrote is wrong: carries every problem found, with the sources to show them in. Exit code 2. */
export class InvalidInput extends Error {
  override readonly name = 'InvalidInput';
  readonly exitCode: ExitCode = 2;
  readonly diagnostics: readonly Diagnostic[];
  readonly sources: ReadonlyMap<string, Source>;

  constructor(diagnostics: readonly Diagnostic[], sources: ReadonlyMap<string, Source> = new Map()) {
    super(diagnostics.map((diagnostic) => diagnostic.message).join('\n'));
    this.diagnostics = diagnostics;
    this.sources = sources;
  }
}

/** The words of an error of unknown origin. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
