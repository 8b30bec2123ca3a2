import type { MeshEvent } from '../execute/event.ts';
import { type LiveBlock, renderLiveBlocks } from './live-rows.ts';
import type { Reporter } from './reporter.ts';
import { initialRunState, type RunState, reduceRun } from './run-state.ts';
import type { Styles } from './styles.ts';

/** Often enough for a clock with tenths of a second, seldom enough to cost nothing. Milliseconds. */
const REPAINT_EVERY_MS = 100;
/** listr2 keeps two columns free at the right. */
const MARGIN = 2;

export interface LiveReporterOptions {
  readonly stream: NodeJS.WritableStream & { readonly columns?: number };
  readonly styles: Styles;
  /** Milliseconds of a clock that goes on between events. */
  readonly now?: () => number;
}

interface View {
  readonly paint: (blocks: readonly LiveBlock[]) => void;
  readonly end: () => Promise<void>;
}

/**
 * The live view of a terminal. listr2 is a view only: it runs no work, handles no signal and never exits. Each block of
 * the view is one of its tasks, which is over when the run is.
 */
export function createLiveReporter(options: LiveReporterOptions): Reporter {
  const now = options.now ?? (() => performance.now());
  let state: RunState = initialRunState();
  let lastEventAt = now();
  let view: Promise<View> | undefined;
  let timer: NodeJS.Timeout | undefined;

  const blocks = () =>
    renderLiveBlocks(state, {
      columns: Math.max(40, (options.stream.columns ?? 80) - MARGIN),
      styles: options.styles,
      elapsedMs: state.elapsedMs + (now() - lastEventAt),
    });
  const repaint = () => void view?.then((open) => open.paint(blocks()));

  const handle = (event: MeshEvent) => {
    state = reduceRun(state, event);
    lastEventAt = now();
    if (event.type === 'run:notice') return;
    // A run that changes nothing is over before anything could be read: nothing is drawn for it.
    if (view === undefined && timer === undefined && event.type === 'run:started') {
      timer = setInterval(() => {
        view ??= openView(options, blocks());
        repaint();
      }, REPAINT_EVERY_MS);
      timer.unref();
    }
  };

  return {
    handle,
    close: async () => {
      clearInterval(timer);
      const open = await view;
      await open?.end();
      for (const notice of state.notices) options.stream.write(`${notice}\n`);
    },
  };
}

async function openView(options: LiveReporterOptions, blocks: readonly LiveBlock[]): Promise<View> {
  const { createWritable, Listr, ListrDefaultRendererLogLevels, ListrLogger, ProcessOutput } = await import('listr2');
  let end = () => {};
  const over = new Promise<void>((resolve) => {
    end = resolve;
  });
  const titles = new Map<string, { title: string }>();
  // The rows have marks of their own.
  const icon = Object.fromEntries(Object.values(ListrDefaultRendererLogLevels).map((level) => [level, '']));
  const list = new Listr(
    blocks.map(({ key, text }) => ({
      title: text,
      task: (_context: unknown, task: { title: string }) => {
        titles.set(key, task);
        return over;
      },
    })),
    {
      concurrent: true,
      exitOnError: false,
      registerSignalListeners: false,
      renderer: 'default',
      fallbackRendererCondition: false,
      rendererOptions: {
        clearOutput: true,
        lazy: true,
        formatOutput: 'truncate',
        indentation: 0,
        icon,
        logger: new ListrLogger({
          useIcons: false,
          processOutput: new ProcessOutput(
            options.stream as NodeJS.WriteStream,
            createWritable(() => {}) as unknown as NodeJS.WriteStream,
          ),
        }),
      },
    },
  );
  const finished = list.run();
  return {
    paint: (next) => {
      for (const { key, text } of next) {
        const task = titles.get(key);
        if (task !== undefined && task.title !== text) task.title = text;
      }
    },
    end: async () => {
      end();
      await finished;
    },
  };
}
