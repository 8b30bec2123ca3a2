import type { EventOf } from '../execute/event.ts';
import { shownFields } from '../logs/format-line.ts';
import { visibleText } from '../logs/visible-text.ts';
import type { RunState } from './run-state.ts';
import type { Styles } from './styles.ts';
import { cutTo } from './text-width.ts';

type Failure = EventOf<'node:failed'>;

export interface FailureOptions {
  readonly columns: number;
  readonly styles: Styles;
}

/** One screen: so many failures are told in full, the others in a line each. */
const IN_FULL = 2;
/** A stack trace unfolds into many rows; the screen is one. */
const MAX_ROWS = 20;
/** With several failures, each gets fewer of its last lines. */
const LINES_OF_SEVERAL = 8;

/** What a person needs when something failed: what, why, who suffers, where it comes from, what to do. */
export function renderFailures(state: RunState, options: FailureOptions): string {
  const failures = [...state.nodes.values()].flatMap((node) => node.failure ?? []);
  const lines = failures.length > 1 ? LINES_OF_SEVERAL : Number.POSITIVE_INFINITY;
  const full = failures.slice(0, IN_FULL).map((failure) => renderFailure(failure, lines, options));
  const rest = failures.slice(IN_FULL).map((failure) => `${headline(failure, options)}\n`);
  return `${full.join('\n')}${rest.length > 0 ? `\n${rest.join('')}` : ''}\n${closing(state, options)}\n`;
}

function headline(failure: Failure, { columns, styles }: FailureOptions): string {
  const words = BUILD_OR_IMAGE.has(failure.code) ? failure.reason : `is not ready: ${failure.reason}`;
  const text = `${styles.red('✘')} ${styles.bold(failure.node)} ${BUILD_OR_IMAGE.has(failure.code) ? `cannot start: ${words}` : words}`;
  return hang(text, columns);
}

/** Codes of failures before anything ran. */
const BUILD_OR_IMAGE: ReadonlySet<string> = new Set(['MESH2003', 'MESH2004', 'MESH3006', 'MESH3007']);

function renderFailure(failure: Failure, maxLines: number, options: FailureOptions): string {
  const { styles } = options;
  const rows: string[] = [headline(failure, options), ''];
  rows.push(...logRows(failure, maxLines, options));
  if (failure.had.length > 0) {
    const had = failure.had
      .map(({ node, ready }) => `${node} ${ready ? styles.green('✔') : styles.red('✘')}`)
      .join('  ');
    rows.push(field('it had', had, options));
  }
  if (failure.blocks.length > 0) rows.push(field('blocked by it', failure.blocks.join(', '), options));
  if (failure.from !== undefined) {
    const { file, line, column, text } = failure.from;
    rows.push(field('from', `${file}:${line}:${column}${text === undefined ? '' : `   ${styles.dim(text)}`}`, options));
  }
  rows.push(field('do', failure.hint, options));
  return `${rows.join('\n')}\n`;
}

function logRows(failure: Failure, maxLines: number, { columns, styles }: FailureOptions): string[] {
  const shown = failure.logs.slice(-maxLines);
  if (shown.length === 0) return [];
  const title =
    failure.code === 'MESH3006' ? 'the last lines of the build' : `its last lines (mesh dev logs ${failure.node})`;
  const rows = shown.flatMap((line) => {
    const time = /T(\d\d:\d\d:\d\d\.\d{3})/.exec(line.at)?.[1];
    const prefix = time === undefined ? '' : `${styles.dim(time)}  `;
    const [first = '', ...more] = (shownFields(line.text) ?? line.text)
      .split('\n')
      .map((text) => visibleText(text, 'strip'));
    return [
      `     ${prefix}${first}`,
      ...more.map((text) => `     ${' '.repeat(time === undefined ? 0 : time.length + 2)}${text}`),
    ];
  });
  return [`  ${title}`, ...rows.slice(-MAX_ROWS).map((row) => cutTo(row, columns)), ''];
}

const LABEL_WIDTH = 17;

function field(label: string, text: string, { columns, styles }: FailureOptions): string {
  return hang(
    `  ${styles.cyan(label)}${' '.repeat(Math.max(1, LABEL_WIDTH - 2 - label.length))}${text}`,
    columns,
    LABEL_WIDTH,
  );
}

/** Breaks a long line between words and indents what follows, so that nothing is lost and the terminal does not wrap. */
function hang(text: string, columns: number, indent = 2): string {
  const width = Math.max(40, columns);
  const lines: string[] = [];
  let current = '';
  for (const word of text.split(/(?<=\S) (?=\S)/)) {
    const joined = current === '' ? word : `${current} ${word}`;
    if (visibleLength(joined) > width && current !== '') {
      lines.push(current);
      current = `${' '.repeat(indent)}${word}`;
    } else current = joined;
  }
  return [...lines, current].join('\n');
}

function visibleLength(text: string): number {
  return visibleText(text, 'strip').length;
}

function closing(state: RunState, { styles }: FailureOptions): string {
  const ready = [...state.nodes.values()].filter((node) => node.phase === 'ready' || node.phase === 'done').length;
  const total = state.nodes.size;
  const verb = state.started?.command === 'build' ? 'built' : 'ready and still running';
  const done = state.started?.command === 'build' ? (state.finished?.ready ?? 0) : ready;
  return styles.bold(`${done} of ${total} ${verb} · exit 1`);
}
