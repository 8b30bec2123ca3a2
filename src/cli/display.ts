import { randomUUID } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import path from 'node:path';
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

export interface DisplayOptions {
  readonly json?: boolean | undefined;
  /** `plain`: lines even in a terminal. What fits the streams when missing. */
  readonly style?: 'plain' | 'github' | undefined;
  /** The project's folder; annotations name files of the repository that it is in. */
  readonly root?: string | undefined;
}

/**
 * One stream of events, three views: JSON lines for scripts, a live view in a terminal, plain lines elsewhere.
 * Progress goes to stderr; the result, at the end, to stdout.
 */
export async function createDisplay(io: Io, options: DisplayOptions): Promise<Display> {
  let state = initialRunState();
  const reporter = await createReporter(io, options);
  return {
    onEvent: (event) => {
      state = reduceRun(state, event);
      reporter.handle(event);
    },
    finish: async () => {
      await reporter.close();
      if (options.json !== true && options.style !== 'github') await printResult(io, state);
    },
  };
}

async function createReporter(io: Io, { json, style, root }: DisplayOptions): Promise<Reporter> {
  if (style === 'github') return createGithub(io, root ?? io.cwd);
  if (json === true) return (await import('../report/ndjson-reporter.ts')).createNdjsonReporter({ stream: io.stdout });
  const styles = stylesFor(io.stderr, io);
  if (style === undefined && isLive(io)) {
    const { createLiveReporter } = await import('../report/live-reporter.ts');
    return createLiveReporter({ stream: io.stderr, styles });
  }
  return (await import('../report/plain-reporter.ts')).createPlainReporter({ stream: io.stderr, styles });
}

async function createGithub(io: Io, root: string): Promise<Reporter> {
  const { createGithubReporter } = await import('../report/github-reporter.ts');
  const { GITHUB_WORKSPACE: workspace, GITHUB_STEP_SUMMARY: summary } = io.env;
  const inside = workspace ? path.relative(workspace, root) : '';
  return createGithubReporter({
    stream: io.stdout,
    folder: inside.startsWith('..') ? '' : inside.split(path.sep).join('/'),
    token: randomUUID(),
    summarize: (markdown) => {
      if (summary) appendFileSync(summary, markdown);
    },
  });
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
