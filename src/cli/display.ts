import type { MeshEvent } from '../execute/event.ts';
import type { Reporter } from '../report/reporter.ts';
import { initialRunState, type RunState, reduceRun } from '../report/run-state.ts';
import { createStyles, type Styles, wantsColor } from '../report/styles.ts';
import type { Io, OutputStream } from './io.ts';

/** How wide running text may be where no terminal says so, as in the log of a CI job. */
const TEXT_COLUMNS = 120;

/** What a command shows while it runs and when it is over. */
export interface Display {
  readonly onEvent: (event: MeshEvent) => void;
  /** Takes the progress away and prints what stays. */
  readonly finish: () => Promise<void>;
}

/**
 * One stream of events, three views: JSON lines for scripts, a live view in a terminal, plain lines elsewhere.
 * Progress goes to stderr; the result, at the end, to stdout.
 */
export async function createDisplay(io: Io, options: { readonly json?: boolean | undefined }): Promise<Display> {
  let state = initialRunState();
  const reporter = await createReporter(io, options.json === true);
  return {
    onEvent: (event) => {
      state = reduceRun(state, event);
      reporter.handle(event);
    },
    finish: async () => {
      await reporter.close();
      if (options.json !== true) await printResult(io, state);
    },
  };
}

async function createReporter(io: Io, json: boolean): Promise<Reporter> {
  if (json) return (await import('../report/ndjson-reporter.ts')).createNdjsonReporter({ stream: io.stdout });
  const styles = stylesFor(io.stderr, io);
  if (isLive(io)) {
    const { createLiveReporter } = await import('../report/live-reporter.ts');
    return createLiveReporter({ stream: io.stderr, styles });
  }
  return (await import('../report/plain-reporter.ts')).createPlainReporter({ stream: io.stderr, styles });
}

function isLive(io: Io): boolean {
  return io.stderr.isTTY === true && io.env.TERM !== 'dumb' && (io.env.CI === undefined || io.env.CI === '');
}

async function printResult(io: Io, state: RunState): Promise<void> {
  const failed = [...state.nodes.values()].some((node) => node.phase === 'failed');
  if (failed) {
    const { renderFailures } = await import('../report/failure-screen.ts');
    write(
      io.stderr,
      renderFailures(state, {
        columns: Math.min(TEXT_COLUMNS, columnsOf(io.stderr)),
        styles: stylesFor(io.stderr, io),
      }),
    );
    return;
  }
  const { renderRunSummary } = await import('../report/run-summary.ts');
  write(io.stdout, renderRunSummary(state, { columns: columnsOf(io.stdout), styles: stylesFor(io.stdout, io) }));
}

function write(stream: OutputStream, text: string): void {
  if (text !== '') stream.write(text.endsWith('\n') ? text : `${text}\n`);
}

export function stylesFor(stream: OutputStream, io: Pick<Io, 'env'>): Styles {
  return createStyles({ color: wantsColor(stream, io.env) });
}

/** The width of a terminal; a pipe has none, and loses nothing. */
export function columnsOf(stream: OutputStream): number {
  return stream.columns === undefined || stream.columns <= 0 ? Number.POSITIVE_INFINITY : stream.columns;
}
