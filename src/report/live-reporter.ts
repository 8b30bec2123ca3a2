import type { MeshEvent } from '../execute/event.ts';
import { visibleText } from '../logs/visible-text.ts';
import { type Clock, systemClock } from '../time/clock.ts';
import { renderLiveBlocks } from './live-rows.ts';
import type { LiveBlock, LiveView } from './live-view.ts';
import type { Reporter } from './reporter.ts';
import { initialRunState, type RunState, reduceRun } from './run-state.ts';
import type { Styles } from './styles.ts';

/** Often enough for a clock with tenths of a second, seldom enough to cost nothing. Milliseconds. */
const REPAINT_EVERY_MS = 100;
/** Of a terminal that does not say, or that was given no size. */
const USUAL_COLUMNS = 80;
const USUAL_ROWS = 24;

export interface LiveReporterOptions {
  readonly stream: NodeJS.WritableStream & { readonly columns?: number; readonly rows?: number };
  readonly styles: Styles;
  /** Goes on between events. */
  readonly clock?: Clock;
}

/** The view of a terminal while a run goes on; {@link openLiveView} draws it. When the run is over it goes away. */
export function createLiveReporter(options: LiveReporterOptions): Reporter {
  const { stream, styles, clock = systemClock } = options;
  const closed = new AbortController();
  let state: RunState = initialRunState();
  let lastEventAtMs = clock.now();
  let showing: Promise<void> | undefined;

  const blocks = (): readonly LiveBlock[] =>
    renderLiveBlocks(state, {
      columns: stream.columns || USUAL_COLUMNS,
      rows: stream.rows || USUAL_ROWS,
      styles,
      elapsedMs: state.elapsedMs + (clock.now() - lastEventAtMs),
    });

  const pause = () => clock.sleep(REPAINT_EVERY_MS, closed.signal).catch(() => {});
  const show = async () => {
    // A run that changes nothing is over before anything could be read: nothing is drawn for it.
    await pause();
    if (closed.signal.aborted) return;
    const { openLiveView } = await import('./live-view.ts');
    const view: LiveView = openLiveView(stream, blocks());
    while (!closed.signal.aborted) {
      view.paint(blocks());
      await pause();
    }
    await view.end();
  };

  return {
    handle: (event: MeshEvent) => {
      state = reduceRun(state, event);
      lastEventAtMs = clock.now();
      if (event.type !== 'run:started' || showing !== undefined) return;
      showing = show();
      // A view that breaks must not end the run: `close` tells.
      showing.catch(() => {});
    },
    close: async () => {
      closed.abort();
      await showing;
      for (const line of state.notices.flatMap((notice) => notice.split('\n')))
        stream.write(`${visibleText(line, 'strip')}\n`);
    },
  };
}
