import type { EventOf } from '../execute/event.ts';
import { formatSeconds } from '../time/duration.ts';
import { meshTitle } from './mesh-title.ts';
import { publishedOf } from './published.ts';
import type { NodeProgress, RunState } from './run-state.ts';
import type { Styles } from './styles.ts';
import { type Column, renderTable, roomBeside } from './table.ts';
import { cutTo, firstThatFits, widthOf } from './text-width.ts';

export interface SummaryOptions {
  readonly columns: number;
  readonly styles: Styles;
}

/** A run of which both ends are known. */
interface FinishedRun {
  readonly started: EventOf<'run:started'>;
  readonly finished: EventOf<'run:finished'>;
  readonly nodes: readonly NodeProgress[];
}

/** What stays on the screen when a run is over and nothing failed; empty while it is not over. Wraps nothing. */
export function renderRunSummary(state: RunState, options: SummaryOptions): string {
  const { started, finished } = state;
  if (started === undefined || finished === undefined) return '';
  const lines = linesOf({ started, finished, nodes: [...state.nodes.values()] }, options);
  return lines.map((line) => `${cutTo(line, options.columns)}\n`).join('');
}

function linesOf(run: FinishedRun, options: SummaryOptions): readonly string[] {
  if (run.finished.interrupted === true) return renderInterrupted(run);
  const isStopping = run.started.command === 'down' || run.started.command === 'stop';
  if (isStopping && !run.finished.ok) return [`${run.started.mesh}: ${stoppedWords(run)}`];
  switch (run.started.command) {
    case 'up':
      return isUnchanged(run) ? [renderUnchanged(run)] : renderUp(run, options);
    case 'restart':
      return renderRestart(run, options);
    case 'down':
      return renderDown(run, options);
    case 'stop':
      return renderStop(run);
    case 'build':
      return renderBuild(run, options);
  }
}

function isUnchanged({ finished }: FinishedRun): boolean {
  return finished.changed === 0 && finished.ok;
}

function renderUnchanged({ started, finished }: FinishedRun): string {
  return `${meshTitle(started)} is up: ${readyWords(finished)}, nothing changed (${formatSeconds(finished.tookMs)})`;
}

function readyWords({ ready, wanted }: FinishedRun['finished']): string {
  return `${ready} of ${wanted} ready`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

function stoppedWords({ nodes }: FinishedRun): string {
  return `${nodes.filter((node) => node.phase === 'stopped').length} of ${nodes.length} stopped`;
}

/** What is left, and what to type. */
function renderInterrupted(run: FinishedRun): string[] {
  const { started, nodes } = run;
  const total = nodes.length;
  switch (started.command) {
    case 'down':
    case 'stop': {
      return [`interrupted: ${stoppedWords(run)}`, `next: mesh dev ${started.command}${selected(started)} (goes on)`];
    }
    case 'build': {
      const built = nodes.filter((node) => node.phase === 'built').length;
      return [`interrupted: ${built} of ${count(total, 'image')} built`, 'next: mesh build (goes on)'];
    }
    case 'up':
    case 'restart': {
      const running = nodes.filter((node) => ['started', 'probing', 'ready'].includes(node.phase) || node.kept).length;
      return [
        `interrupted: ${running} of ${total} are running and stay so`,
        `next: mesh dev up${selected(started)} (goes on) · mesh dev down${selected(started)}`,
      ];
    }
  }
}

function renderUp({ started, finished, nodes }: FinishedRun, options: SummaryOptions): string[] {
  const { styles } = options;
  const services = nodes.filter((node) => node.kind === 'service');
  const servers = nodes.filter((node) => node.kind === 'infrastructure');
  const took = formatSeconds(finished.tookMs);
  const head =
    finished.ready === finished.wanted
      ? `${styles.green('ready')} in ${took}`
      : `${styles.yellow(readyWords(finished))} after ${took}`;
  const path = finished.criticalPath.map(({ node, ms }, index) =>
    index === 0 ? ` · critical path ${node} ${tenths(ms)}` : ` → ${node} ${tenths(ms)}`,
  );
  return [
    ...(services.length > 0 ? renderTableOf(services, options) : renderTableOf(servers, options)),
    ...(services.length > 0 && servers.length > 0 ? renderServers(servers, options) : []),
    ...flow([head, ...path], options.columns, 2),
    styles.dim(
      `next: mesh dev logs -f${selected(started)}${openHint(services, selected(started))} · mesh dev down${selected(started)}`,
    ),
  ];
}

/** So that what is typed next is about the same copy. */
function selected({ select }: FinishedRun['started']): string {
  return select === undefined ? '' : ` ${select}`;
}

function tenths(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(1);
}

const SERVERS_LABEL = 'infrastructure';

/** One works on services; of the servers under them it is enough to know the port. */
function renderServers(nodes: readonly NodeProgress[], { columns, styles }: SummaryOptions): string[] {
  const items = nodes.map((node) => {
    const main = node.endpoints.find((endpoint) => endpoint.hostPort !== undefined);
    const port = main === undefined ? '' : ` ${styles.dim(`:${main.hostPort}`)}`;
    const state = isUp(node) ? '' : ` ${styles.yellow(node.phase)}`;
    return `   ${node.name}${port}${state}`;
  });
  return flow([styles.dim(SERVERS_LABEL), ...items], columns, SERVERS_LABEL.length + 3);
}

/** Packed into lines; what goes to a new line loses its leading spaces for the indent. */
function flow(parts: readonly string[], columns: number, indent: number): string[] {
  const lines: string[] = [];
  for (const part of parts) {
    const last = lines.at(-1);
    if (last === undefined) lines.push(part);
    else if (widthOf(last) + widthOf(part) <= columns) lines[lines.length - 1] = last + part;
    else lines.push(' '.repeat(indent) + part.trimStart());
  }
  return lines;
}

function openHint(services: readonly NodeProgress[], select: string): string {
  const web = services.filter((node) => publishedOf(node.endpoints).some((endpoint) => endpoint.protocol === 'http'));
  const best = web.find((node) => node.tier === 'gateway') ?? web.at(-1);
  return best === undefined ? '' : ` · mesh dev open${select} ${best.name}`;
}

const HEADINGS = ['SERVICE', 'STATE', 'READY AFTER', 'ADDRESS'] as const;
const LAYOUT: readonly Column[] = [{}, {}, { align: 'right' }, {}];

/** Each row says as much of its addresses as fits: first the note goes, then how much is said of further endpoints. */
function renderTableOf(nodes: readonly NodeProgress[], { columns, styles }: SummaryOptions): string[] {
  const cells = nodes.map((node) => [styles.bold(node.name), stateCell(node, styles), readyCell(node)]);
  const room = roomBeside([HEADINGS.slice(0, -1), ...cells], columns);
  const rows = nodes.map((node, index) => [...(cells[index] ?? []), addressCell(node, room, styles)]);
  return renderTable(LAYOUT, [HEADINGS.map((text) => styles.dim(text)), ...rows]).split('\n');
}

function isUp(node: NodeProgress): boolean {
  return node.phase === 'ready' || node.phase === 'done';
}

function stateCell(node: NodeProgress, styles: Styles): string {
  return isUp(node) ? styles.green(node.phase) : styles.yellow(node.phase);
}

/** Of a node that is not ready, what took time was something else, such as its build. */
function readyCell(node: NodeProgress): string {
  return node.kept || isUp(node) ? afterCell(node) : '';
}

function afterCell(node: NodeProgress): string {
  if (node.kept) return 'was up';
  return node.tookMs === undefined ? '' : formatSeconds(node.tookMs);
}

function nameAndTime(node: NodeProgress): string {
  return `${node.name} ${afterCell(node)}`.trimEnd();
}

/** ` a`, `, b`, `, c`: pieces that may be broken into lines. */
function listed(items: readonly string[]): string[] {
  return items.map((item, index) => `${index === 0 ? ' ' : ', '}${item}`);
}

function addressCell(node: NodeProgress, room: number, styles: Styles): string {
  const [main, ...others] = publishedOf(node.endpoints);
  if (main === undefined) return '';
  const first = main.url ?? `:${main.hostPort}`;
  const note = main.note === undefined ? '' : `   ${styles.dim(`(${main.note})`)}`;
  const addresses = others
    .map(({ name, url, hostPort }) => `  ${name} ${withoutScheme(url) ?? `:${hostPort}`}`)
    .join('');
  const ports = others.map(({ name, hostPort }) => `  ${name} :${hostPort}`).join('');
  return firstThatFits([`${first}${note}${addresses}`, `${first}${addresses}`, `${first}${ports}`, first], room);
}

function withoutScheme(url: string | undefined): string | undefined {
  return url?.replace(/^\w+:\/\//, '');
}

function renderRestart(run: FinishedRun, { columns }: SummaryOptions): string[] {
  const { started, finished, nodes } = run;
  if (isUnchanged(run)) return [renderUnchanged(run)];
  const again = nodes.filter((node) => !node.kept && isUp(node));
  const head = `${meshTitle(started)}: ${readyWords(finished)} again in ${formatSeconds(finished.tookMs)}`;
  return again.length === 0 ? [head] : [head, ...flow(['restarted', ...listed(again.map(nameAndTime))], columns, 2)];
}

function renderDown({ started, finished }: FinishedRun, { columns }: SummaryOptions): string[] {
  const { wanted, tookMs, kept = [], removed = [] } = finished;
  const title = `${meshTitle(started)} is down`;
  if (wanted === 0 && kept.length + removed.length === 0) return [`${title}: there was nothing to stop`];
  const head =
    wanted === 0 ? `${title}: nothing ran` : `${title}: ${wanted} stopped and removed in ${formatSeconds(tookMs)}`;
  return [
    head,
    ...(kept.length === 0
      ? []
      : flow(['kept', ...listed(kept), ' · remove with: mesh dev down --volumes'], columns, 2)),
    ...(removed.length === 0 ? [] : flow(['removed', ...listed(removed)], columns, 2)),
  ];
}

function renderStop({ started, finished }: FinishedRun): string[] {
  return [
    `${meshTitle(started)}: ${finished.wanted} stopped in ${formatSeconds(finished.tookMs)}, nothing removed`,
    `next: mesh dev up${selected(started)} · mesh dev down${selected(started)}`,
  ];
}

function renderBuild({ started, finished, nodes }: FinishedRun, { columns }: SummaryOptions): string[] {
  const built = nodes.filter((node) => node.phase === 'built');
  const fresh = built.filter((node) => node.cached !== true);
  const took = formatSeconds(finished.tookMs);
  if (nodes.length === 0) return [`${meshTitle(started)}: nothing to build (${took})`];
  if (nodes.every((node) => node.upToDate === true))
    return [`${meshTitle(started)}: all ${count(nodes.length, 'image')} up to date, nothing was built (${took})`];
  const same = built.length - fresh.length;
  const upToDate = same === 0 ? '' : `, ${same} up to date`;
  const head = `${meshTitle(started)}: ${count(fresh.length, 'image')} built${upToDate} (${took})`;
  return fresh.length === 0 ? [head] : [head, ...flow(['built', ...listed(fresh.map(nameAndTime))], columns, 2)];
}
