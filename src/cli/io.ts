/** A stream to a person or a pipe. */
export interface OutputStream extends NodeJS.WritableStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** All that a command takes from the process. Only `main` builds it; only `main` sets the exit code. */
export interface Io {
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  readonly home: string;
  readonly uid: number | undefined;
  /** Aborted by Ctrl-C or a request to end. */
  readonly signal: AbortSignal;
}
