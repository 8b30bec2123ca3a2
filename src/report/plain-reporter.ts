import type { EventOf } from '../execute/event.ts';
import { visibleText } from '../logs/visible-text.ts';
import { formatSeconds } from '../time/duration.ts';
import { dispatch, type Handlers, type Reporter } from './reporter.ts';
import type { Styles } from './styles.ts';
import { padEnd, widthOf } from './text-width.ts';

/** An answer that comes again is repeated this seldom, so that the log of a slow start stays short. Milliseconds. */
const REPEAT_AFTER_MS = 10_000;

/** For pipes and CI: one line a change. */
export function createPlainReporter(options: {
  readonly stream: NodeJS.WritableStream;
  readonly styles: Styles;
}): Reporter {
  const { stream, styles } = options;
  /** What was told last of what a node does, and when each answer of its readiness check was told. */
  const states = new Map<string, string>();
  const answers = new Map<string, number>();
  let width = 0;

  const line = (event: { readonly elapsedMs: number }, name: string, text: string, paint = plain) => {
    // An answer or a reason carries words of the service, and those must not move the cursor of who reads them.
    const words = paint(visibleText(text, 'strip'));
    stream.write(`${formatSeconds(event.elapsedMs).padStart(7)}  ${padEnd(name, width)}   ${words}\n`);
  };
  /** What is a state, and not a change, is told when it differs from what was told last. */
  const lineIfNew = (event: { readonly elapsedMs: number }, name: string, text: string) => {
    if (states.get(name) === text) return;
    states.set(name, text);
    line(event, name, text, styles.dim);
  };
  /** A check that alternates between two answers tells each of them seldom, too. */
  const lineIfDue = (event: { readonly elapsedMs: number }, name: string, text: string) => {
    const key = `${name} ${text}`;
    const toldAtMs = answers.get(key);
    if (toldAtMs !== undefined && event.elapsedMs < toldAtMs + REPEAT_AFTER_MS) return;
    answers.set(key, event.elapsedMs);
    line(event, name, text, styles.dim);
  };

  const handlers: Handlers = {
    'run:started': (event) => {
      width = Math.max(0, ...event.nodes.map((node) => widthOf(node.name)));
    },
    'node:building': (event) => lineIfNew(event, event.node, buildingWords(event)),
    'node:built': (event) => line(event, event.node, builtWords(event)),
    // The table at the end says it all.
    'node:verified': () => {},
    'node:pulling': (event) => lineIfNew(event, event.node, `pulling ${event.image}`),
    'node:pulled': (event) => line(event, event.node, `pulled ${event.image} in ${formatSeconds(event.tookMs)}`),
    'node:created': (event) => line(event, event.node, `${event.recreated ? 'recreated' : 'created'}: ${event.cause}`),
    'node:removed': (event) => line(event, event.node, `removed: ${event.cause}`),
    'node:started': (event) =>
      line(event, event.node, event.replica > 1 ? `started (replica ${event.replica})` : 'started'),
    'node:waiting': (event) => {
      if (event.probe !== undefined) lineIfDue(event, event.node, `not ready yet: ${event.probe.answer}`);
      else if ((event.on ?? []).length > 0) lineIfNew(event, event.node, `waits for ${(event.on ?? []).join(', ')}`);
    },
    'node:ready': (event) => {
      if (event.kept) return;
      const word = event.how === 'completed' ? 'done' : event.how === 'started' ? 'started' : 'ready';
      line(event, event.node, `${word} after ${formatSeconds(event.afterMs)}`, styles.green);
    },
    'node:failed': (event) => line(event, event.node, `failed: ${event.reason}`, styles.red),
    'node:skipped': (event) => line(event, event.node, `skipped: ${event.because} failed`, styles.yellow),
    'node:stopping': () => {},
    'node:stopped': (event) => line(event, event.node, `stopped in ${formatSeconds(event.tookMs)}`),
    'run:notice': (event) => {
      for (const text of event.message.split('\n')) stream.write(`${visibleText(text, 'strip')}\n`);
    },
    'run:finished': () => {},
  };
  return { handle: (event) => dispatch(handlers, event), close: () => {} };
}

function buildingWords({ step, stage, position, because }: EventOf<'node:building'>): string {
  if (step === undefined) return because === undefined ? 'building' : `building: ${because}`;
  return `build: ${[stage, position, step].filter((part) => part !== undefined).join(' ')}`;
}

function builtWords({ upToDate, cached, tookMs, named = [] }: EventOf<'node:built'>): string {
  if (upToDate === true) return ['up to date', ...named.map((name) => `now also ${name}`)].join(', ');
  return cached ? 'built (all cached)' : `built in ${formatSeconds(tookMs)}`;
}

function plain(text: string): string {
  return text;
}
