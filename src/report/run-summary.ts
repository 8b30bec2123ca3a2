import { formatSeconds } from '../time/duration.ts';
import type { NodeProgress, RunState } from './run-state.ts';
import type { Styles } from './styles.ts';
import { type Column, renderTable } from './table.ts';
import { widthOf } from './text-width.ts';

export interface SummaryOptions {
  readonly columns: number;
  readonly styles: Styles;
}

/** What stays on the screen when a run is over and nothing failed. */
export function renderRunSummary(state: RunState, options: SummaryOptions): string {
  const { started, finished } = state;
  if (started === undefined || finished === undefined) return '';
  if (finished.interrupted === true) return renderInterrupted(state);
  switch (started.command) {
    case 'up':
    case 'restart':
      return finished.changed === 0 ? renderNothingChanged(state) : renderUp(state, options);
    case 'down':
      return renderDown(state);
    case 'stop':
      return `${started.mesh} is stopped: ${count(finished.wanted, 'node')} in ${formatSeconds(finished.tookMs)}, containers kept\nnext: mesh dev up · mesh dev down\n`;
    case 'build':
      return renderBuild(state);
  }
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

function renderNothingChanged({ started, finished }: RunState): string {
  return `${started?.mesh} is up: ${finished?.ready} of ${finished?.wanted} ready, nothing changed (${formatSeconds(finished?.tookMs ?? 0)})\n`;
}

function renderInterrupted(state: RunState): string {
  const running = [...state.nodes.values()].filter(
    (node) => node.phase === 'ready' || node.phase === 'started' || node.kept,
  ).length;
  return `interrupted: ${running} of ${state.nodes.size} are running and stay so\nnext: mesh dev up (goes on) · mesh dev down\n`;
}

function renderUp(state: RunState, options: SummaryOptions): string {
  const { finished, nodes } = state;
  const { styles } = options;
  const services = [...nodes.values()].filter((node) => node.kind === 'service');
  const servers = [...nodes.values()].filter((node) => node.kind !== 'service');
  const table = renderServices([...services, ...servers], options);
  const path = (finished?.criticalPath ?? []).map(({ node, ms }) => `${node} ${(ms / 1000).toFixed(1)}`).join(' → ');
  const head = `${styles.green('ready')} in ${formatSeconds(finished?.tookMs ?? 0)}`;
  const line = path === '' ? head : `${head} · critical path ${path}`;
  const next = styles.dim(`next: mesh dev logs -f${openHint(services)} · mesh dev down`);
  return `${table}\n${wrapPath(line, options.columns)}\n${next}\n`;
}

/** Broken at its arrows where it is wider than the screen, so that the terminal does not break it in a word. */
function wrapPath(line: string, columns: number): string {
  if (widthOf(line) <= columns) return line;
  const lines: string[] = [];
  for (const part of line.split(/(?= → | · )/)) {
    const last = lines.at(-1);
    if (last !== undefined && widthOf(last) + widthOf(part) <= columns) lines[lines.length - 1] = last + part;
    else lines.push(lines.length === 0 ? part : ` ${part}`);
  }
  return lines.join('\n');
}

function openHint(services: readonly NodeProgress[]): string {
  const web = services.filter((node) =>
    node.endpoints.some((endpoint) => endpoint.protocol === 'http' && endpoint.hostPort !== undefined),
  );
  const best = web.find((node) => node.tier === 'gateway') ?? web.at(-1);
  return best === undefined ? '' : ` · mesh dev open ${best.name}`;
}

const LAYOUT: readonly Column[] = [{}, {}, { align: 'right' }, {}];

/** The widest form that fits: with notes and all endpoints, without notes, with the first address only. */
function renderServices(nodes: readonly NodeProgress[], { columns, styles }: SummaryOptions): string {
  const head = ['SERVICE', 'STATE', 'READY AFTER', 'ADDRESS'].map((text) => styles.dim(text));
  const forms = [
    (node: NodeProgress) => addresses(node, 'all'),
    (node: NodeProgress) => addresses(node, 'ports'),
    (node: NodeProgress) => addresses(node, 'first'),
  ];
  const render = (address: (node: NodeProgress) => string) => {
    const rows = nodes.map((node) => [styles.bold(node.name), stateCell(node, styles), afterCell(node), address(node)]);
    return renderTable(LAYOUT, [head, ...rows]);
  };
  const fitting = forms.map(render).find((table) => table.split('\n').every((line) => widthOf(line) <= columns));
  return (
    fitting ??
    renderTable(
      LAYOUT,
      [head, ...nodes.map((node) => [node.name, node.phase, afterCell(node), addresses(node, 'first')])],
      { columns },
    )
  );
}

function stateCell(node: NodeProgress, styles: Styles): string {
  return node.phase === 'ready' || node.phase === 'done' ? styles.green(node.phase) : styles.yellow(node.phase);
}

function afterCell(node: NodeProgress): string {
  if (node.kept) return 'was up';
  return node.tookMs === undefined ? '' : formatSeconds(node.tookMs);
}

function addresses(node: NodeProgress, form: 'all' | 'ports' | 'first'): string {
  const published = node.endpoints.filter((endpoint) => endpoint.hostPort !== undefined && endpoint.protocol !== 'udp');
  const [first, ...others] = published;
  if (first === undefined) return '';
  const note = form === 'all' && first.note !== undefined ? `   (${first.note})` : '';
  if (form === 'first') return first.url ?? '';
  const rest = others.map(
    (endpoint) =>
      `  ${endpoint.name} ${form === 'all' ? (endpoint.url ?? '').replace(/^\w+:\/\//, '') : `:${endpoint.hostPort}`}`,
  );
  return `${first.url ?? ''}${note}${rest.join('')}`;
}

function renderDown({ started, finished }: RunState): string {
  const kept = finished?.kept ?? [];
  const line = `${started?.mesh} is down: ${count(finished?.wanted ?? 0, 'node')} stopped and removed in ${formatSeconds(finished?.tookMs ?? 0)}\n`;
  if (kept.length === 0) return line;
  return `${line}kept the data in ${kept.join(', ')}; remove it with: mesh dev down --volumes\n`;
}

function renderBuild({ started, finished, nodes }: RunState): string {
  const rows = [...nodes.values()].map((node) => [node.name, node.phase === 'built' ? 'built' : node.phase]);
  const table = rows.length === 0 ? '' : `${renderTable([{}, {}], rows)}\n`;
  return `${table}${started?.mesh}: ${count(finished?.ready ?? 0, 'image')} built in ${formatSeconds(finished?.tookMs ?? 0)}\n`;
}
