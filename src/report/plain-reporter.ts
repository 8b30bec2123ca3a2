import { formatSeconds } from '../time/duration.ts';
import { dispatch, type Handlers, type Reporter } from './reporter.ts';
import type { Styles } from './styles.ts';

/** An answer that stays the same is repeated this seldom, so that the log of a slow start stays short. Milliseconds. */
const REPEAT_AFTER_MS = 10_000;

/** For pipes and CI: one line a change. */
export function createPlainReporter(options: {
  readonly stream: NodeJS.WritableStream;
  readonly styles: Styles;
}): Reporter {
  const { stream, styles } = options;
  const told = new Map<string, { readonly text: string; readonly atMs: number }>();
  let width = 0;
  let kept: ReadonlySet<string> = new Set();

  const line = (event: { readonly elapsedMs: number }, name: string, text: string) => {
    stream.write(`${formatSeconds(event.elapsedMs).padStart(8)}  ${name.padEnd(width)}   ${text}\n`);
  };
  /** What is only a state, and not a change, is told when it differs from what was told last. */
  const lineIfNew = (event: { readonly elapsedMs: number }, name: string, text: string) => {
    const last = told.get(name);
    if (
      last?.text === text ||
      (last !== undefined && last.atMs + REPEAT_AFTER_MS > event.elapsedMs && isAnswer(last.text) && isAnswer(text))
    )
      return;
    told.set(name, { text, atMs: event.elapsedMs });
    line(event, name, styles.dim(text));
  };

  const handlers: Handlers = {
    'run:started': (event) => {
      width = Math.max(0, ...event.nodes.map((node) => node.name.length));
      kept = new Set(event.keep);
    },
    'node:building': (event) =>
      lineIfNew(event, event.node, event.step === undefined ? 'building' : `build: ${event.step}`),
    'node:built': (event) =>
      line(event, event.node, event.cached ? 'built (all cached)' : `built in ${formatSeconds(event.tookMs)}`),
    'node:pulling': (event) => lineIfNew(event, event.node, `pulling ${event.image}`),
    'node:pulled': (event) => line(event, event.node, `pulled ${event.image} in ${formatSeconds(event.tookMs)}`),
    'node:created': (event) => line(event, event.node, `${event.recreated ? 'recreated' : 'created'}: ${event.cause}`),
    'node:removed': (event) => line(event, event.node, `removed: ${event.cause}`),
    'node:started': (event) =>
      line(event, event.node, event.replica > 1 ? `started (replica ${event.replica})` : 'started'),
    'node:waiting': (event) => {
      if (event.probe !== undefined) lineIfNew(event, event.node, `${ANSWER}${event.probe.answer}`);
      else lineIfNew(event, event.node, `waits for ${(event.on ?? []).join(', ')}`);
    },
    'node:ready': (event) => {
      if (event.kept || kept.has(event.node)) return;
      const word = event.how === 'completed' ? 'done' : event.how === 'started' ? 'started' : 'ready';
      line(event, event.node, styles.green(`${word} after ${formatSeconds(event.afterMs)}`));
    },
    'node:failed': (event) => line(event, event.node, styles.red(`failed: ${event.reason}`)),
    'node:skipped': (event) => line(event, event.node, styles.yellow(`skipped: ${event.because} failed`)),
    'node:stopping': () => {},
    'node:stopped': (event) => line(event, event.node, `stopped in ${formatSeconds(event.tookMs)}`),
    'run:notice': (event) => void stream.write(`${event.message}\n`),
    'run:finished': () => {},
  };
  return { handle: (event) => dispatch(handlers, event), close: () => {} };
}

const ANSWER = 'not ready yet: ';

function isAnswer(text: string): boolean {
  return text.startsWith(ANSWER);
}
