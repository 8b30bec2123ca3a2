import { INTERRUPTED } from '../diagnostics/exit-codes.ts';
import type { EventOf } from '../execute/event.ts';
import { shownFields } from '../logs/format-line.ts';
import { visibleText } from '../logs/visible-text.ts';
import { oneLine, tabless } from './one-line.ts';
import type { RunState } from './run-state.ts';
import type { Styles } from './styles.ts';
import { cutTo, widthOf } from './text-width.ts';

type Failure = EventOf<'node:failed'>;

export interface FailureOptions {
  readonly columns: number;
  readonly styles: Styles;
}

/** One screen: so many failures are told in full, the others in a line each. */
const IN_FULL = 3;
/** Rows of log lines, which several failures share. A stack trace unfolds into many rows; the screen is one. */
const MAX_ROWS = 20;

/** Of the whole log of a step that failed; compilers can say a lot. */
const MAX_BUILD_ROWS = 2_000;

/** What a person needs when something failed: what, why, who suffers, where it comes from, what to do. */
export function renderFailures(state: RunState, options: FailureOptions): string {
  const failures = rootsFirst([...state.nodes.values()].flatMap((node) => node.failure ?? []));
  const inFull = failures.slice(0, IN_FULL);
  // A build cannot be asked for its log afterwards.
  const isBuild = state.started?.command === 'build';
  const maxRows = isBuild ? MAX_BUILD_ROWS : Math.floor(MAX_ROWS / Math.max(1, inFull.length));
  const full = inFull.map((failure) => renderFailure(failure, maxRows, options));
  const rest = failures.slice(IN_FULL).map((failure) => `${headline(failure, options)}\n`);
  return `${full.join('\n')}${rest.length > 0 ? `\n${rest.join('')}` : ''}\n${closing(state, options)}\n`;
}

/** What failed on its own comes before what failed with something that it needs. */
function rootsFirst(failures: readonly Failure[]): readonly Failure[] {
  const isRoot = ({ node }: Failure) => !failures.some((other) => other.node !== node && other.blocks.includes(node));
  return [...failures.filter(isRoot), ...failures.filter((failure) => !isRoot(failure))];
}

function headline(failure: Failure, { columns, styles }: FailureOptions): string {
  const what = WHAT_FAILED[failure.code] ?? 'is not ready';
  const words = wordsOf(`${what}: ${oneLine(failure.reason)}`, columns);
  return hang([`${styles.red('✘')} ${styles.bold(failure.node)}`, ...words], columns);
}

/** What a failure kept from happening, where that is not readiness. */
const WHAT_FAILED: Readonly<Record<string, string>> = {
  MESH2003: 'cannot start',
  MESH2004: 'cannot start',
  MESH3006: 'could not be built',
  MESH3007: 'cannot start',
};

/** Words, and parts of words that are longer than a line, such as paths. */
function wordsOf(text: string, columns: number): string[] {
  const room = Math.max(1, columns - LABEL_WIDTH);
  const parts = new RegExp(`.{1,${room}}`, 'gu');
  return text.split(/(?<=\S) (?=\S)/).flatMap((word) => (widthOf(word) > room ? (word.match(parts) ?? []) : word));
}

function renderFailure(failure: Failure, maxRows: number, options: FailureOptions): string {
  const { styles } = options;
  const rows: string[] = [headline(failure, options), ''];
  rows.push(...logRows(failure, maxRows, options));
  if (failure.had.length > 0) {
    const had = failure.had.map(({ node, ready }) => `${node} ${ready ? styles.green('✔') : styles.red('✘')} `);
    rows.push(field('it had', had, options));
  }
  if (failure.blocks.length > 0)
    rows.push(field('blocked by it', wordsOf(failure.blocks.join(', '), options.columns), options));
  if (failure.from !== undefined) {
    const { file, line, column, text } = failure.from;
    const place = `${file}:${line}:${column}`;
    const shown = text === undefined ? '' : `   ${styles.dim(oneLine(text))}`;
    rows.push(field('from', [cutTo(`${place}${shown}`, options.columns - LABEL_WIDTH)], options));
  }
  rows.push(field('do', wordsOf(oneLine(failure.hint), options.columns), options));
  return `${rows.join('\n')}\n`;
}

function logRows(failure: Failure, maxRows: number, { columns, styles }: FailureOptions): string[] {
  const shown = failure.logs.slice(-maxRows);
  if (shown.length === 0) return [];
  const title =
    failure.code === 'MESH3006' ? 'the last lines of the build' : `its last lines (mesh dev logs ${failure.node})`;
  const rows = shown.flatMap((line) => {
    const time = /T(\d\d:\d\d:\d\d\.\d{3})/.exec(line.at)?.[1];
    const prefix = time === undefined ? '' : `${styles.dim(time)}  `;
    const [first = '', ...more] = (shownFields(line.text) ?? line.text)
      .split('\n')
      .map((text) => tabless(visibleText(text, 'strip')));
    return [
      `     ${prefix}${first}`,
      ...more.map((text) => `     ${' '.repeat(time === undefined ? 0 : time.length + 2)}${text}`),
    ];
  });
  return [`  ${title}`, ...rows.slice(-maxRows).map((row) => cutTo(row, columns)), ''];
}

const LABEL_WIDTH = 17;

function field(label: string, words: readonly string[], { columns, styles }: FailureOptions): string {
  const [first = '', ...more] = words;
  const lead = `  ${styles.cyan(label)}${' '.repeat(Math.max(1, LABEL_WIDTH - 2 - label.length))}`;
  return hang([`${lead}${first}`, ...more], columns, LABEL_WIDTH);
}

/** Breaks a long line between words and indents what follows, so that nothing is lost and the terminal does not wrap. */
function hang(words: readonly string[], columns: number, indent = 2): string {
  const lines: string[] = [];
  let current = '';
  for (const word of words) {
    const joined = current === '' ? word : `${current} ${word}`;
    if (widthOf(joined.trimEnd()) > columns && current !== '') {
      lines.push(current);
      current = ' '.repeat(indent) + word;
    } else current = joined;
  }
  return [...lines, current].map((line) => cutTo(line.trimEnd(), columns)).join('\n');
}

function closing(state: RunState, { styles }: FailureOptions): string {
  const ready = [...state.nodes.values()].filter((node) => node.phase === 'ready' || node.phase === 'done').length;
  const total = state.started?.nodes.length ?? state.nodes.size;
  const verb = state.started?.command === 'build' ? 'built' : 'ready and still running';
  const done = state.started?.command === 'build' ? (state.finished?.ready ?? 0) : ready;
  const exitCode = state.finished?.interrupted === true ? INTERRUPTED : 1;
  return styles.bold(`${done} of ${total} ${verb} · exit ${exitCode}`);
}
