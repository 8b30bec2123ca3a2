import type { EventOf, MeshEvent } from '../execute/event.ts';
import { visibleText } from '../logs/visible-text.ts';
import { formatSeconds } from '../time/duration.ts';
import { oneLine } from './one-line.ts';
import { dispatch, type Handlers, type Reporter } from './reporter.ts';

export interface GithubReporterOptions {
  readonly stream: NodeJS.WritableStream;
  /** The project's folder as the repository knows it, such as `services/shop`; empty for the repository itself. */
  readonly folder: string;
  /** A word that no log can know, behind which commands are heeded again. */
  readonly token: string;
  /** Appends to the page of the job. */
  readonly summarize: (markdown: string) => void;
}

interface ToldStep {
  readonly atMs: number;
  readonly text: string;
}

/**
 * For GitHub Actions: the steps of a service as a group that can be folded, failures as annotations at the line of the
 * Dockerfile, and a table on the page of the job.
 * Source: https://docs.github.com/actions/reference/workflow-commands-for-github-actions
 */
export function createGithubReporter({ stream, folder, token, summarize }: GithubReporterOptions): Reporter {
  const steps = new Map<string, ToldStep[]>();
  const rows: string[] = [];
  let title = '';

  const line = (text: string) => stream.write(`${visibleText(text, 'strip')}\n`);
  const group = (name: string, node: string, more: readonly string[] = []) => {
    line(`::group::${oneLine(name)}`);
    for (const { atMs, text } of steps.get(node) ?? []) line(`${formatSeconds(atMs).padStart(7)}  ${text}`);
    if (more.length > 0) {
      // A line of a log that looks like a command must not be taken for one.
      line(`::stop-commands::${token}`);
      for (const text of more) line(text);
      line(`::${token}::`);
    }
    line('::endgroup::');
  };
  const row = (...cells: readonly string[]) => rows.push(`| ${cells.map(cell).join(' | ')} |`);

  const onFailed = (event: EventOf<'node:failed'>) => {
    const texts = event.logs.map(({ text }) => text);
    group(`✘ ${event.node}: ${event.reason}`, event.node, texts);
    const place =
      event.from === undefined ? [] : [`file=${property(join(folder, event.from.file))}`, `line=${event.from.line}`];
    const fields = [...place, `title=${property(`${event.node} could not be built`)}`];
    line(`::error ${fields.join(',')}::${message(`${event.reason}\n${event.hint}`)}`);
    row(event.node, '❌ failed', '', event.reason);
  };

  const handlers: Handlers = {
    'run:started': (event) => {
      title = event.mesh;
    },
    'node:building': (event) => {
      const text = event.step === undefined ? (event.because ?? 'building') : stepWords(event);
      steps.set(event.node, [...(steps.get(event.node) ?? []), { atMs: event.elapsedMs, text }]);
    },
    'node:built': (event) => {
      if (event.upToDate === true) {
        const named = (event.named ?? []).map((name) => `now also ${name}`).join(', ');
        line(`✔ ${event.node} is up to date${named === '' ? '' : `, ${named}`}`);
        row(event.node, '✅ up to date', '', named);
        return;
      }
      const took = formatSeconds(event.tookMs);
      group(`✔ ${event.node} built in ${took}${event.cached ? ' (all cached)' : ''}`, event.node);
      row(event.node, '✅ built', took, event.cached ? 'all cached' : '');
    },
    'node:verified': (event) => {
      const wrong = event.findings.filter(({ verdict }) => verdict === 'wrong').map(({ text }) => text);
      if (wrong.length === 0) return;
      line(`::error title=${property(`${event.node} is not as the manifest says`)}::${message(wrong.join('\n'))}`);
      row(event.node, '❌ not as the manifest says', '', wrong.join(' · '));
    },
    'node:failed': onFailed,
    'run:notice': (event) => line(`::notice::${message(event.message)}`),
    'run:finished': (event) => {
      line(`${event.ready} of ${event.wanted} images are there after ${formatSeconds(event.tookMs)}`);
      if (rows.length === 0) return;
      const head = `| service | result | time | |\n|---|---|---:|---|`;
      const last = `${event.ready} of ${event.wanted} in ${formatSeconds(event.tookMs)}`;
      summarize(`### Images of ${cell(title)}\n\n${head}\n${rows.join('\n')}\n\n${last}\n\n`);
    },
    // A build has none of these.
    'node:pulling': () => {},
    'node:pulled': () => {},
    'node:created': () => {},
    'node:removed': () => {},
    'node:started': () => {},
    'node:waiting': () => {},
    'node:ready': () => {},
    'node:skipped': () => {},
    'node:stopping': () => {},
    'node:stopped': () => {},
  };
  return { handle: (event: MeshEvent) => dispatch(handlers, event), close: () => {} };
}

function stepWords({ stage, position, step }: EventOf<'node:building'>): string {
  return [stage, position, step].filter((part) => part !== undefined).join(' ');
}

function join(folder: string, file: string): string {
  return folder === '' ? file : `${folder}/${file}`;
}

/** The value of a workflow command. */
function message(text: string): string {
  return visibleText(text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A'), 'strip');
}

function property(text: string): string {
  return message(oneLine(text)).replaceAll(':', '%3A').replaceAll(',', '%2C');
}

function cell(text: string): string {
  return oneLine(text).replace(/[|\\<]/g, '\\$&');
}
